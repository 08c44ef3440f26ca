// SPDX-License-Identifier: MIT
// A model that was in memory was loaded once more without a word, and doubled what it takes.
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a load says that the model was in memory already, and as what", "[models]") {
  ModelWorld world;
  CHECK(world.load("big/model").value().notices.empty());
  CHECK(world.load("big/model").value().notices ==
        std::vector<std::string>{
            "'big/model' was in memory already, as 'big/model'; it is loaded once more, as 'big/model:2'"});
  CHECK(world.load("small/model").value().notices.empty());
  CHECK(world.load("big/model", {.identifier = "mine"}).value().notices ==
        std::vector<std::string>{"'big/model' was in memory already, as 'big/model:2', 'big/model'; it is "
                                 "loaded once more, as 'mine'"});
}
