// SPDX-License-Identifier: MIT
// Two names of 500 kB each were compared character by character with every other one: minutes for a hint.
#include <string>
#include <vector>

#include "base/nearest.hpp"
#include "support/catch.hpp"

using tachikoma::base::nearest;

TEST_CASE("names of any size and number are compared in time", "[base]") {
  const std::string huge(500'000, 'a');
  CHECK(nearest(huge, {huge + "b", std::string(499'999, 'a') + "c"}).empty());
  CHECK(nearest("qwen3-4", {huge, "qwen3-4b", huge + "x"}) == std::vector<std::string>{"qwen3-4b"});
  CHECK(nearest(huge, {"a", "aaa", "qwen3-4b"}) == std::vector<std::string>{"aaa"});
  // a search for a part may be as slow: every start matches nearly to its end
  CHECK(nearest(std::string(250'000, 'a') + "b", {huge}).empty());
  const std::vector<std::string> many(200'000, std::string(250, 'x') + "y");
  CHECK(nearest(std::string(250, 'x') + "z", many).size() == 3);
}

TEST_CASE("names of people's length are still found", "[base]") {
  const std::string longest(256, 'm');
  CHECK(nearest(longest.substr(1) + "n", {longest}) == std::vector<std::string>{longest});
}
