// SPDX-License-Identifier: MIT
#include "support/golden.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

void check_golden(std::string_view name, std::string_view actual) {
  const std::filesystem::path file = std::filesystem::path(TACHIKOMA_SOURCE_DIR "/tests/golden") / name;
  if (std::getenv("TACHIKOMA_ACCEPT")) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << actual;
  }
  INFO("golden file: " << file.string() << " (TACHIKOMA_ACCEPT=1 accepts the new text)");
  CHECK(std::string(actual) == (std::filesystem::exists(file) ? read_file(file) : "(no such file)"));
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace tachikoma::testing
