// SPDX-License-Identifier: MIT
#include "base/json_pointer.hpp"

#include "base/json.hpp"
#include "support/catch.hpp"

TEST_CASE("a step of a JSON pointer escapes what would end it", "[json]") {
  using tachikoma::base::pointer_step;
  CHECK(pointer_step("key") == "/key");
  CHECK(pointer_step("") == "/");
  CHECK(pointer_step("a/b~c") == "/a~1b~0c");
  CHECK(pointer_step("~1") == "/~01");
}

TEST_CASE("a JSON pointer finds what it names, or nothing", "[json]") {
  using namespace tachikoma;
  const Value root = base::parse_json(R"({"a/b": [1, {"~1": 2, "": 3}]})").value();
  const auto at = [&](const char* pointer) {
    const Value* found = base::find_at(root, pointer);
    return found ? *found : Value();
  };
  CHECK(at("") == root);
  CHECK(at("/a~1b/0") == Value(1));
  CHECK(at("/a~1b/1/~01") == Value(2));
  CHECK(at("/a~1b/1/") == Value(3));
  for (const char* missing : {"/a", "/a~1b/2", "/a~1b/-1", "/a~1b/x", "/a~1b/0/0"})
    CHECK(at(missing) == Value());
}
