// SPDX-License-Identifier: MIT
#include "base/lists.hpp"

#include <cstdint>

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::base;

namespace {

struct Named {
  std::string name;
  std::int64_t size;
};

const std::vector<Named> kTwo = {{"a", 1}, {"b", 2}};

}  // namespace

TEST_CASE("a list is read as a sentence has it", "[lists]") {
  CHECK(listed({}) == "");
  CHECK(listed({"a"}, " or ") == "a");
  CHECK(listed({"a", "b", "c"}) == "a, b, c");
  CHECK(listed({"a", "b", "c"}, " or ") == "a, b or c");
  CHECK(quoted_list({}) == "");
  CHECK(quoted_list({"a", "b"}) == "'a', 'b'");
  CHECK(quoted_list({"a", "b", "c"}, " and ") == "'a', 'b' and 'c'");
}

TEST_CASE("texts and values are taken of each element", "[lists]") {
  CHECK(texts_of(kTwo, &Named::name) == std::vector<std::string>{"a", "b"});
  CHECK(texts_of(kTwo, [](const Named& each) { return std::to_string(each.size); }) ==
        std::vector<std::string>{"1", "2"});
  CHECK(array_of(std::vector<std::string>{"a", "b"}) == Value::array({"a", "b"}));
  CHECK(array_of(kTwo, &Named::size) == Value::array({1, 2}));
  CHECK(array_of(std::vector<double>()) == Value::array());
}
