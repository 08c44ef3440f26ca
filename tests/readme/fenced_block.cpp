// SPDX-License-Identifier: MIT
#include "readme/fenced_block.hpp"

#include <regex>
#include <sstream>
#include <stdexcept>

#include "support/temp_dir.hpp"

namespace tachikoma::testing {

bool FencedBlock::has(const std::string& word) const {
  return (" " + info + " ").find(" " + word + " ", language().size()) != std::string::npos;
}

std::string FencedBlock::value_of(const std::string& key) const {
  const std::string before = " " + key + "=";
  const std::size_t at = info.find(before);
  if (at == std::string::npos) return {};
  const std::size_t start = at + before.size();
  return info.substr(start, info.find(' ', start) - start);
}

std::vector<FencedBlock> fenced_blocks(const std::filesystem::path& document) {
  constexpr std::string_view kFence = "```";
  std::vector<FencedBlock> blocks;
  std::istringstream in(read_file(document));
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.rfind(kFence, 0) == 0) {
      if (!inside)
        blocks.push_back(
            {document.filename().string() + ":" + std::to_string(number), line.substr(kFence.size()), ""});
      inside = !inside;
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  if (inside) throw std::runtime_error(blocks.back().place + ": the block is never closed");
  return blocks;
}

std::vector<std::string> relative_links(const std::filesystem::path& document) {
  const std::regex link(R"(\]\(([^)#\s]+)[^)]*\))");
  std::vector<std::string> links;
  std::istringstream in(read_file(document));
  bool inside = false;  // a block
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("```", 0) == 0) inside = !inside;
    if (inside) continue;
    for (auto it = std::sregex_iterator(line.begin(), line.end(), link); it != std::sregex_iterator(); ++it)
      if (const std::string target = (*it)[1]; target.find("://") == std::string::npos)
        links.push_back(target);
  }
  return links;
}

}  // namespace tachikoma::testing
