// SPDX-License-Identifier: MIT
#include "base/running_programs.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>

#include <sys/stat.h>

#include "base/try.hpp"

namespace tachikoma::base {
namespace {

Error can_not(const std::string& what, const std::string& folder) {
  return {ErrorCode::internal, "can't " + what + " '" + folder + "' (" + std::strerror(errno) + ")"};
}

Status check_is_mine(const std::string& folder) {
  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0) return can_not("open", folder);
  const bool mine =
      S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH));
  if (mine) return Done{};
  return Error(ErrorCode::internal, "'" + folder + "' is not a folder that only this user can write");
}

Status make_mine(const std::string& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return can_not("make", folder);
  return check_is_mine(folder);
}

}  // namespace

std::string status_folder() {
  const char* session = std::getenv("XDG_RUNTIME_DIR");
  return session && *session == '/' ? std::string(session) + "/tachikoma" : std::string();
}

Result<std::string> make_status_folder(std::string_view below) {
  std::string folder = status_folder();
  if (folder.empty()) return Error(ErrorCode::internal, "XDG_RUNTIME_DIR is not set to an absolute path");
  TACHIKOMA_TRY_STATUS(check_is_mine(std::filesystem::path(folder).parent_path()));
  TACHIKOMA_TRY_STATUS(make_mine(folder));
  if (below.empty()) return folder;
  folder += "/" + std::string(below);
  TACHIKOMA_TRY_STATUS(make_mine(folder));
  return folder;
}

std::optional<std::int64_t> start_of_process(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');  // a name may have blanks and brackets
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  fields >> field;
  if (field == "Z" || field == "X") return std::nullopt;  // it only waits for its parent to notice
  constexpr int kStart = 22, kState = 3;
  for (int i = kState + 1; i < kStart; ++i) fields >> field;
  std::int64_t start = 0;
  return fields >> start ? std::optional(start) : std::nullopt;
}

}  // namespace tachikoma::base
