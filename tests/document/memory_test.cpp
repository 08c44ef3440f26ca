// SPDX-License-Identifier: MIT
// "Leave 20 % of the memory free": of what the configuration or the machine has, models take 80 %.
#include <string>

#include "real/launched_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("A model gets no memory of the headroom: what would need it is refused with the figures",
          "[best-practices/memory-headroom]") {
  const LaunchedWorld world({{"alpha"}}, "/bin/false");  // nothing is started
  const auto refusal = [&](const std::string& memory) {
    const std::string config = world.text + "memory: {ram: 1000, vram: 0, " + memory + "}\n";
    Runtime runtime =
        Runtime::open(world.folder.write("tachikoma.yaml", config), [](Severity, std::string_view,
                                                                       std::string_view) {
        }).value();
    return runtime.generate_text({.model = "alpha", .messages = {user("Hello")}}).error();
  };
  for (const auto& [memory, available] : {std::pair{"headroom: 20%", 800}, std::pair{"headroom: 0.5", 500}}) {
    const Error error = refusal(memory);
    INFO(error.message);
    CHECK(error.code == ErrorCode::insufficient_memory);
    CHECK(error.detail["available"] == Value(available));
    CHECK(error.detail["required"].as_integer() > available);
  }
}
