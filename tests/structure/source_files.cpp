// SPDX-License-Identifier: MIT
#include "structure/source_files.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "support/temp_dir.hpp"

namespace tachikoma::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<SourceFile> read_all() {
  std::vector<SourceFile> files;
  const fs::path root = TACHIKOMA_SOURCE_DIR;
  for (const char* top : {"framework", "plugins", "tools", "tests", "examples"}) {
    for (auto it = fs::recursive_directory_iterator(root / top); it != fs::recursive_directory_iterator();
         ++it) {
      if (it->path().filename() == "node_modules") it.disable_recursion_pending();
      const std::string extension = it->path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      files.push_back({fs::relative(it->path(), root), split_lines(read_file(it->path()))});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

const std::vector<SourceFile>& source_files() {
  static const std::vector<SourceFile> files = read_all();
  return files;
}

}  // namespace tachikoma::testing
