// SPDX-License-Identifier: MIT
// A key of a configuration may hold a control character: YAML's "\e" is one, and a lone carriage return is
// text to yaml-cpp. Messages quoted keys without them, but the path of the place had them still, so that an
// error could move the terminal's cursor or begin a line of its own.
#include "support/catch.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma::testing;

TEST_CASE("the message of a broken configuration has no control character of a key in it", "[config]") {
  CHECK(fault("providers: {echo: {}}\nmodels:\n  \"a\\e[2Jb\": {provider: nowhere}\n") ==
        "test.yaml:3:25: models.a [2Jb.provider: there is no provider 'nowhere'; there is 'echo'");
  CHECK(fault("\"one\\ntwo\": {}\n") == "test.yaml:1:1: unknown key 'one two'");
}
