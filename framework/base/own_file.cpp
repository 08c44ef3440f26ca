// SPDX-License-Identifier: MIT
#include "base/own_file.hpp"

#include <charconv>
#include <cstdint>
#include <fstream>

namespace tachikoma::base {

// The linker only knows under which name it was opened.
std::string own_file() {
  const auto here = reinterpret_cast<std::uintptr_t>(&own_file);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {  // "7f00-7f80 r-xp 00000000 08:01 42   /path"
    std::uintptr_t first = 0, last = 0;
    const char* end = line.data() + line.size();
    const char* dash = std::from_chars(line.data(), end, first, 16).ptr;
    if (dash == end || std::from_chars(dash + 1, end, last, 16).ec != std::errc()) continue;
    const std::size_t path = line.find('/');
    if (here >= first && here < last && path != std::string::npos) return line.substr(path);
  }
  return {};
}

}  // namespace tachikoma::base
