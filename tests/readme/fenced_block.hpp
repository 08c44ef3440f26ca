// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tachikoma::testing {

/// One fenced block of a Markdown document.
struct FencedBlock {
  std::string place;  ///< "README.md:12", the line of the opening fence
  std::string info;   ///< what stands behind the fence: "cpp file=hello.cpp"
  std::string text;

  std::string value_of(const std::string& key) const;
  std::string language() const { return info.substr(0, info.find(' ')); }
  /// True when the word stands behind the language.
  bool has(const std::string& word) const;
  /// "hello.cpp" of "file=hello.cpp"; empty when there is none.
  std::string file() const { return value_of("file"); }
  /// "examples/chat.cpp" of "from=examples/chat.cpp", likewise.
  std::string source() const { return value_of("from"); }
};

std::vector<FencedBlock> fenced_blocks(const std::filesystem::path& document);

/// What the document links to inside the repository, without the part behind '#'.
std::vector<std::string> relative_links(const std::filesystem::path& document);

}  // namespace tachikoma::testing
