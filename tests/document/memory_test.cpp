// SPDX-License-Identifier: MIT
// "Leave 20 % of the memory free": of what the configuration or the machine has, models take 80 %.
#include <string>

#include "support/catch.hpp"
#include "support/gguf_folder.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("A model gets no memory of the headroom: what would need it is refused with the figures",
          "[best-practices/memory-headroom]") {
  const GgufFolder models;
  models.add_model("tiny.gguf");
  const auto refusal = [&](const std::string& memory) {
    const std::string config = "providers: {local: {plugin: llamacpp, models_dir: '" +
                               models.folder.string() + "'}}\nmemory: {ram: 1000, vram: 0, " + memory + "}\n";
    Runtime runtime =
        Runtime::open(models.outer.write("tachikoma.yaml", config), [](Severity, std::string_view,
                                                                       std::string_view) {
        }).value();
    return runtime.generate_text({.model = "tiny", .messages = {user("Hello")}}).error();
  };
  for (const auto& [memory, available] : {std::pair{"headroom: 20%", 800}, std::pair{"headroom: 0.5", 500}}) {
    const Error error = refusal(memory);
    INFO(error.message);
    CHECK(error.code == ErrorCode::insufficient_memory);
    CHECK(error.detail["available"] == Value(available));
    CHECK(error.detail["required"].as_integer() > available);
  }
}
