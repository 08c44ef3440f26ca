// SPDX-License-Identifier: MIT
#include "base/private_group.hpp"

#include <array>
#include <cstdio>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <string_view>
#include <unistd.h>

namespace tachikoma::base {
namespace {

using Buffer = std::array<char, 16384>;  // a group that does not fit is not one user's

// Whether the machine's own list of users has another one with that primary group.
bool is_anothers(gid_t group, uid_t user) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> users(std::fopen("/etc/passwd", "re"), &std::fclose);
  if (!users) return false;
  Buffer buffer;
  passwd entry = {};
  for (passwd* found = nullptr;
       ::fgetpwent_r(users.get(), &entry, buffer.data(), buffer.size(), &found) == 0 && found;)
    if (found->pw_gid == group && found->pw_uid != user) return true;
  return false;
}

}  // namespace

std::string user_name(uid_t user) {
  Buffer buffer;
  passwd entry = {};
  passwd* found = nullptr;
  ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
  return found ? "'" + std::string(found->pw_name) + "'" : "number " + std::to_string(user);
}

std::string group_name(gid_t group) {
  Buffer buffer;
  struct group entry = {};
  struct group* found = nullptr;
  ::getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found);
  return found ? "'" + std::string(found->gr_name) + "'" : "number " + std::to_string(group);
}

bool is_private_group(gid_t group) {
  const uid_t user = ::geteuid();
  Buffer user_buffer, group_buffer;
  passwd user_entry = {};
  passwd* self = nullptr;
  struct group group_entry = {};
  struct group* own = nullptr;
  ::getpwuid_r(user, &user_entry, user_buffer.data(), user_buffer.size(), &self);
  ::getgrgid_r(group, &group_entry, group_buffer.data(), group_buffer.size(), &own);
  if (group != (self ? self->pw_gid : ::getegid())) return false;
  const std::string_view name = self ? self->pw_name : "";
  if (group != user && (!own || own->gr_name != name)) return false;
  for (char** member = own ? own->gr_mem : nullptr; member && *member; ++member)
    if (*member != name) return false;
  return !is_anothers(group, user);
}

}  // namespace tachikoma::base
