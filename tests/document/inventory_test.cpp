// SPDX-License-Identifier: MIT
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "support/catch.hpp"
#include "support/process.hpp"

using namespace tachikoma::testing;

namespace {

// The names of the list, one a line.
std::multiset<std::string> inventory_names() {
  std::ifstream file(TACHIKOMA_SOURCE_DIR "/tests/document/inventory.txt");
  std::multiset<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') names.insert(line);
  return names;
}

std::set<std::string> tags_of_this_program() {
  const Finished listed = run({.argv = {program("tachikoma_test_document"), "--list-tags"}});
  const std::regex tag(R"(\[([^\]]+)\])");
  std::set<std::string> tags;
  for (std::sregex_iterator at(listed.out.begin(), listed.out.end(), tag), end; at != end; ++at)
    tags.insert((*at)[1]);
  return tags;
}

}  // namespace

TEST_CASE("everything in the document is tested here, and has one name", "[inventory]") {
  const std::multiset<std::string> inventory = inventory_names();
  std::set<std::string> tested = tags_of_this_program();
  CHECK(tested.erase("inventory") == 1);
  REQUIRE(inventory.size() > 50);
  CHECK(std::multiset<std::string>(tested.begin(), tested.end()) == inventory);
}
