// SPDX-License-Identifier: MIT
// What a configuration says of models in memory: who loads them, which stay, and what they may take.
#include <string>

#include "support/catch.hpp"
#include "tachikoma/json.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

std::string with_memory(const std::string& memory) {
  return "providers: {lmstudio: {}}\nmemory: {" + memory + "}\n";
}

std::string with_model(const std::string& model) {
  return "providers: {lmstudio: {}}\nmodels: {chat: {" + model + "}}\n";
}

}  // namespace

TEST_CASE("a model has an owner, and says what keeps it in memory", "[config][memory]") {
  const Config config = check(R"(
providers: {lmstudio: {}}
models:
  plain: {}
  chat: {owner: managed, pin: true, preload: yes, min_residence: 1m30s}
  other: {owner: jit}
)")
                            .value();
  REQUIRE(config.models.size() == 3);
  const ModelConfig& plain = config.models[0];
  CHECK(plain.owner == ModelOwner::managed);
  CHECK_FALSE(plain.pin);
  CHECK_FALSE(plain.preload);
  CHECK(plain.min_residence == 0s);
  const ModelConfig& chat = config.models[1];
  CHECK(chat.owner == ModelOwner::managed);
  CHECK(chat.pin);
  CHECK(chat.preload);
  CHECK(chat.min_residence == 90s);
  CHECK(config.models[2].owner == ModelOwner::jit);
}

TEST_CASE("memory has sizes, a headroom, a number of models and a patience", "[config][memory]") {
  const Config config = check(R"(
providers: {lmstudio: {}}
memory: {ram: 48GB, vram: 512MiB, headroom: 0.1, max_instances: 2, patience: 1m}
)")
                            .value();
  CHECK(config.memory.ram == 48'000'000'000);
  CHECK(config.memory.vram == 536'870'912);
  CHECK(config.memory.headroom == 0.1);
  CHECK(config.memory.max_instances == 2);
  CHECK(config.memory.patience == 1min);
  const MemoryConfig none = check(with_memory("vram: 0, patience: 0")).value().memory;
  CHECK(none.vram == 0);
  CHECK(none.patience == 0s);
}

TEST_CASE("without a word on memory it is what the machine has, less a fifth", "[config][memory]") {
  for (const std::string& text : {with_model(""), with_memory("")}) {
    const Config config = check(text).value();
    CHECK_FALSE(config.memory.ram);
    CHECK_FALSE(config.memory.vram);
    CHECK(config.memory.headroom == 0.2);
    CHECK_FALSE(config.memory.max_instances);
    CHECK(config.memory.patience == 10s);
    CHECK(to_json(config.effective["memory"]) == R"({"headroom":0.2,"patience":"10s"})");
  }
}

TEST_CASE("the headroom is a number or a percentage, from 0 to below 1", "[config][memory]") {
  const auto headroom = [](const std::string& text) {
    return check(with_memory("headroom: " + text)).value().memory.headroom;
  };
  CHECK(headroom("0") == 0);
  CHECK(headroom("0.999") == 0.999);
  CHECK(headroom("0%") == 0);
  CHECK(headroom("20%") == 0.2);
  CHECK(headroom("'12.5%'") == 0.125);

  const auto why = [](const std::string& text) { return fault(with_memory("headroom: " + text)); };
  const std::string at = "test.yaml:2:20: memory.headroom: ";
  const std::string range = " is out of range: expected at least 0 and less than 1";
  CHECK(why("1") == at + "'1'" + range);
  CHECK(why("20") == at + "'20'" + range);
  CHECK(why("-0.1") == at + "'-0.1'" + range);
  CHECK(why("100%") == at + "'100%'" + range);
  const std::string form = at + "expected a number such as 0.2, or a share such as '20%', found ";
  CHECK(why("120%") == form + "'120%'");
  CHECK(why("-5%") == form + "'-5%'");
  CHECK(why("some") == form + "'some'");
  CHECK(why("true") == form + "true");
  CHECK(why("[]") == form + "a list");
}

TEST_CASE("what keeps a model in memory contradicts 'owner: jit', unless it is off", "[config][memory]") {
  CHECK(fault(with_model("pin: true, owner: jit")) ==
        "test.yaml:2:17: models.chat: 'pin' has no effect with 'owner: jit', which is set at "
        "test.yaml:2:28: the server loads and unloads this model; keep one of them");
  for (const char* setting : {"preload: yes", "preload: true", "min_residence: 1ms"})
    CHECK_THAT(fault(with_model("owner: jit, " + std::string(setting))),
               ContainsSubstring("has no effect with 'owner: jit'"));
  for (const char* setting :
       {"pin: false", "preload: no", "min_residence: 0", "min_residence: 0s", "ttl: 1h"})
    CHECK(check(with_model("owner: jit, " + std::string(setting))));
  CHECK(check(with_model("owner: managed, pin: true, preload: true, min_residence: 1m")));
}

TEST_CASE("the document's own forms have nothing of this", "[config][memory]") {
  CHECK(check("temperature: 0.5\ncontext_length: 4096\n").value().memory.headroom == 0.2);
  CHECK(fault("temperature: 0.5\npin: true\n") == "test.yaml:2:1: unknown key 'pin'");
  CHECK_THAT(fault("host: localhost\nmodels: {chat: {owner: jit}}\n"),
             StartsWith("test.yaml:2:17: models.chat: unknown key 'owner'"));
}

TEST_CASE("a configuration with all of this is one again when it is shown", "[config][memory]") {
  const Config config = check(with_model("owner: managed, pin: true, preload: true, min_residence: 90s") +
                              "memory: {ram: 1GiB, headroom: 25%, max_instances: 3}\n")
                            .value();
  const Config again = check(to_json(config.effective)).value();
  CHECK(again.effective == config.effective);
  CHECK(again.models[0].min_residence == 90s);
  CHECK(again.memory.ram == 1 << 30);
  CHECK(again.memory.headroom == 0.25);
}
