// SPDX-License-Identifier: MIT
#include "llamacpp/proc_counter.hpp"

#include <fstream>

namespace tachikoma::llamacpp {

std::optional<std::uint64_t> proc_counter(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    std::uint64_t number = 0;
    if (word == name && in >> number) return number;
  }
  return std::nullopt;
}

}  // namespace tachikoma::llamacpp
