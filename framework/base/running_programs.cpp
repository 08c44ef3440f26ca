// SPDX-License-Identifier: MIT
#include "base/running_programs.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace tachikoma::base {

std::string status_folder() {
  const char* session = std::getenv("XDG_RUNTIME_DIR");
  return session && *session == '/' ? std::string(session) + "/tachikoma" : std::string();
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
