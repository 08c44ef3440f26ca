// SPDX-License-Identifier: MIT
// A model that a server listed twice, and one whose key differed from another only in case, could not be
// asked by any name: "ambiguous: it may be 'p::m' or 'p::m'".
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "tachikoma/model_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

class Listed {
 public:
  explicit Listed(std::vector<ModelInfo> models, std::vector<ModelInfo> others = {}) {
    const auto provider = [](std::vector<ModelInfo> infos) {
      auto made = std::make_shared<FakeProvider>();
      made->models = std::move(infos);
      return made;
    };
    std::vector<calls::ProviderSetup> setups;
    setups.push_back(setup("p", provider(std::move(models))));
    if (!others.empty()) setups.push_back(setup("q", provider(std::move(others))));
    parts_ = make_parts(std::move(setups));
  }

  std::string resolve(std::string_view name) const {
    const Result<ResolvedModel> model = parts_.runtime().models.resolve(name);
    if (!model) return std::string(to_string(model.error().code)) + ": " + model.error().message;
    return model->provider + "::" + model->name + (model->key == model->name ? "" : " of " + model->key);
  }
  // Every address of the list names the model that it stands for.
  void check_addresses(std::size_t count) const {
    const ModelListing listing = parts_.runtime().models.list();
    CHECK(listing.models.size() == count);
    for (const ListedModel& each : listing.models) {
      INFO(each.address);
      const Result<ResolvedModel> model = parts_.runtime().models.resolve(each.address);
      REQUIRE(model);
      CHECK(model->key == each.info.key);
    }
  }

 private:
  TestParts parts_;
};

}  // namespace

TEST_CASE("a model that is listed twice is one model", "[regression][model names]") {
  const Listed twice({{.key = "m"}, {.key = "m"}, {.key = "other"}});
  twice.check_addresses(2);
  CHECK(twice.resolve("m") == "p::m");
  CHECK(twice.resolve("p::M") == "p::m");

  const Listed loaded({{.key = "m", .state = ModelState::not_loaded},
                       {.key = "m", .state = ModelState::loaded, .instances = {{"m:2"}}},
                       {.key = "m", .state = ModelState::loaded, .instances = {{"m:2"}, {"m:3"}}}});
  loaded.check_addresses(1);
  CHECK(loaded.resolve("m") == "p::m:2 of m");
  CHECK(loaded.resolve("m:3") == "p::m:3 of m");
  CHECK(loaded.resolve("current") == "p::m:2 of m");
}

TEST_CASE("keys that differ in case alone are told apart by their spelling", "[regression][model names]") {
  const Listed cases({{.key = "Qwen/Tiny"}, {.key = "qwen/tiny"}, {.key = "org/One"}, {.key = "one"}});
  cases.check_addresses(4);
  CHECK(cases.resolve("qwen/tiny") == "p::qwen/tiny");
  CHECK(cases.resolve("Qwen/Tiny") == "p::Qwen/Tiny");
  CHECK(cases.resolve("QWEN/TINY") ==
        "invalid_argument: model name 'QWEN/TINY' is ambiguous: it may be 'p::Qwen/Tiny' or 'p::qwen/tiny'");
  CHECK(cases.resolve("ONE") == "p::one");
}

TEST_CASE("a model that matches in two ways is one match", "[regression][model names]") {
  const Listed aliased({{.key = "a/m", .aliases = {"M", "m"}, .quantization = "q8"}});
  CHECK(aliased.resolve("m") == "p::m of a/m");
  CHECK(aliased.resolve("m-Q8") == "p::a/m");
  CHECK(aliased.resolve("A/M") == "p::a/m");
}

TEST_CASE("the spelling decides among providers too", "[regression][model names]") {
  const Listed two({{.key = "Same"}, {.key = "both"}}, {{.key = "same"}, {.key = "both"}});
  CHECK(two.resolve("Same") == "p::Same");
  CHECK(two.resolve("same") == "q::same");
  CHECK(two.resolve("both") ==
        "invalid_argument: model name 'both' is ambiguous: it may be 'p::both' or 'q::both'");
  two.check_addresses(4);
}

TEST_CASE("odd keys are addresses like others", "[regression][model names]") {
  const Listed odd({{.key = "current"},
                    {.key = "default"},
                    {.key = "a::b"},
                    {.key = "x/y:z@q4"},
                    {.key = "./models/m.gguf"},
                    {.key = "/models/m.gguf"},
                    {.key = "m.gguf"}});
  odd.check_addresses(7);
  CHECK(odd.resolve("p::") == "invalid_argument: 'p::' names no model after '::'");
}

TEST_CASE("the last segments of a key name it, from any '/' on", "[regression][model names]") {
  const Listed keys(
      {{.key = "hub/a/m@q4"}, {.key = "hub/b/m"}, {.key = "hub/b/n", .quantization = "Q4_K_M"}});
  CHECK(keys.resolve("a/m") == "p::hub/a/m@q4");
  CHECK(keys.resolve("B/M") == "p::hub/b/m");
  CHECK(keys.resolve("b/n@q4_k_m") == "p::hub/b/n");
  CHECK(keys.resolve("hub/b/n-q4_k_m") == "p::hub/b/n");
  CHECK(keys.resolve("m") ==
        "invalid_argument: model name 'm' is ambiguous: it may be 'p::hub/a/m@q4' or 'p::hub/b/m'");
  CHECK_THAT(keys.resolve("ub/b/n"), ContainsSubstring("model_not_found"));
}

TEST_CASE("variants and aliases are names; a variant is loaded by its own", "[regression][model names]") {
  const Listed named(
      {{.key = "org/m", .aliases = {"nick"}, .variants = {"org/m@q8_0"}, .quantization = "Q4"}});
  CHECK(named.resolve("nick") == "p::nick of org/m");
  CHECK(named.resolve("NICK") == "p::nick of org/m");
  CHECK(named.resolve("org/m@Q8_0") == "p::org/m@q8_0");
  CHECK(named.resolve("org/m@q4") == "p::org/m");
}
