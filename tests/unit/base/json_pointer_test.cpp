// SPDX-License-Identifier: MIT
#include "base/json_pointer.hpp"

#include "support/catch.hpp"

TEST_CASE("a step of a JSON pointer escapes what would end it", "[json]") {
  using tachikoma::base::pointer_step;
  CHECK(pointer_step("key") == "/key");
  CHECK(pointer_step("") == "/");
  CHECK(pointer_step("a/b~c") == "/a~1b~0c");
  CHECK(pointer_step("~1") == "/~01");
}
