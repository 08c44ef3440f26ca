// SPDX-License-Identifier: MIT
// Mirostat, which reaches a model through llama.cpp alone: with a real server (environment LLAMA_SERVER).
#include <string>

#include "real/launched_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("Mirostat of a model's settings is what a llama.cpp server samples with",
          "[model-configuration/mirostat-on]") {
  const LaunchedWorld world({{"alpha"}});
  for (const int version : {1, 2}) {
    const std::string config = world.folder.write(
        "mirostat.yaml", world.text + "models: {chat: {provider: local, key: alpha, mirostat: " +
                             std::to_string(version) + "}}\n");
    Runtime runtime = Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
    REQUIRE(runtime.generate_text({.model = "chat", .messages = {user("Hello")}}));
    CHECK(last_sampling(world.servers().at(0))["mirostat"] == Value(version));
  }
}
