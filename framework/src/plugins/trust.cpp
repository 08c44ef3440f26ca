// SPDX-License-Identifier: MIT
#include "plugins/trust.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <pwd.h>
#include <unistd.h>

#include <sys/stat.h>

#include "base/try.hpp"
#include "plugins/text.hpp"

namespace tachikoma::plugins {
namespace {

Result<struct stat> status_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) return status;
  return refusal("'" + path + "' can't be examined (" + std::strerror(errno) + ")",
                 "check that it exists and that you may read it");
}

std::string user_name(uid_t user) {
  passwd entry = {};
  passwd* found = nullptr;
  char buffer[4096];
  ::getpwuid_r(user, &entry, buffer, sizeof buffer, &found);
  return found ? "'" + std::string(found->pw_name) + "'" : "number " + std::to_string(user);
}

/// The file itself or its folder: whoever may change it can run code in this program.
Status check_owned(const std::string& path, const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return refusal(
        "'" + path + "' belongs to user " + user_name(status.st_uid) + ", neither to root nor to you",
        "install the plugin yourself, or: chown root '" + path + "'");
  if (status.st_mode & S_IWOTH)
    return refusal("'" + path + "' is writable by everyone", "chmod o-w '" + path + "'");
  // with umask 002 every file is writable by one's own primary group, which has no other members
  if ((status.st_mode & S_IWGRP) && status.st_gid != ::getegid())
    return refusal("'" + path + "' is writable by a group that is not your own", "chmod g-w '" + path + "'");
  return Done{};
}

}  // namespace

Status check_trust(const std::string& file) {
  TACHIKOMA_TRY(struct stat status, status_of(file));
  if (!S_ISREG(status.st_mode))
    return refusal("'" + file + "' is not a regular file", "name the plugin's shared library");
  TACHIKOMA_TRY_STATUS(check_owned(file, status));

  std::filesystem::path folder = std::filesystem::path(file).parent_path();
  TACHIKOMA_TRY(status, status_of(folder.string()));
  TACHIKOMA_TRY_STATUS(check_owned(folder.string(), status));

  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    TACHIKOMA_TRY(status, status_of(folder.string()));
    if ((status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
      return refusal("'" + folder.string() + "', a folder above it, is writable by everyone",
                     "chmod o-w '" + folder.string() + "'");
  }
  return Done{};
}

}  // namespace tachikoma::plugins
