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

// The names of a list, one at the start of each line; what follows a tab is not part of it.
std::multiset<std::string> names_of(const std::string& list) {
  std::ifstream file(TACHIKOMA_SOURCE_DIR "/tests/document/" + list);
  std::multiset<std::string> names;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') names.insert(line.substr(0, line.find('\t')));
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

TEST_CASE("everything in the document is tested here or is waiting by name, and nothing is both",
          "[inventory]") {
  const std::multiset<std::string> inventory = names_of("inventory.txt"), waiting = names_of("waiting.txt");
  std::set<std::string> tested = tags_of_this_program();
  CHECK(tested.erase("inventory") == 1);
  REQUIRE(inventory.size() > 50);
  for (const std::string& name : inventory) {
    INFO(name);
    CHECK(inventory.count(name) == 1);
    CHECK(waiting.count(name) + tested.count(name) == 1);
  }
  for (const auto& names : {std::set<std::string>(waiting.begin(), waiting.end()), tested})
    for (const std::string& name : names) {
      INFO("not in inventory.txt: " << name);
      CHECK(inventory.count(name) == 1);
    }
}
