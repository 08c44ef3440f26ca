// SPDX-License-Identifier: MIT
// The documents keep their word: every block in them is run, in order, a folder for each document.
#include <algorithm>
#include <filesystem>
#include <vector>

#include "readme/fenced_block.hpp"
#include "readme/workshop.hpp"
#include "support/catch.hpp"

using namespace tachikoma::testing;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> documents() {
  const fs::path root = TACHIKOMA_SOURCE_DIR;
  std::vector<fs::path> files = {root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md"};
  for (const auto& entry : fs::directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("every block of every document does what the document says", "[readme]") {
  for (const fs::path& document : documents()) {
    const std::vector<FencedBlock> blocks = fenced_blocks(document);
    if (blocks.empty()) continue;
    Workshop workshop;
    for (const FencedBlock& block : blocks) {
      INFO(block.place << ": " << block.info << "\n" << block.text);
      CHECK(workshop.try_block(block) == "");
    }
  }
}

TEST_CASE("every link of a document to a file of the repository leads somewhere", "[readme]") {
  std::string broken;
  for (const fs::path& document : documents())
    for (const std::string& target : relative_links(document))
      if (!fs::exists(document.parent_path() / target))
        broken += document.filename().string() + ": " + target + "\n";
  CHECK(broken == "");
}
