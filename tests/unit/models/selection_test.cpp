// SPDX-License-Identifier: MIT
#include "models/selection.hpp"

#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kGigabyte = 1'000'000'000;

// A provider that lists these models, and estimates each as `gigabytes`.
struct SelectionWorld : ModelWorld {
  explicit SelectionWorld(std::vector<std::string> keys = {"qwen3-8b", "some/stranger"}) {
    server = std::make_shared<FakeModelServer>(std::move(keys));
    parts = make_parts({setup("fake", server)}, {});
    server->on_estimate = [this](const LoadRequest& request) -> Result<MemoryEstimate> {
      asked.push_back(request);
      MemoryEstimate estimate;
      estimate.total_bytes = {gigabytes * kGigabyte, Source::estimated, "the fake"};
      estimate.model_bytes = {(gigabytes - 1) * kGigabyte, Source::estimated, "the fake"};
      return estimate;
    };
  }
  Result<Selection> rank(const ModelSelector& selector = {}, Task task = Task::general,
                         std::stop_token stop = {}) const {
    return models::select({parts->management, parts->providers}, {&fake()}, selector, task, std::move(stop));
  }

  std::int64_t gigabytes = 6;
  std::vector<LoadRequest> asked;
};

const RankedModel* find(const std::vector<RankedModel>& models, std::string_view name) {
  for (const RankedModel& each : models)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace

TEST_CASE("the memory is that of the provider's machine, less what stays free", "[selector]") {
  const SelectionWorld world;
  const Selection selection = world.rank().value();
  REQUIRE(selection.budgets.size() == 1);
  CHECK(selection.budgets[0].ram_bytes.value == 51'200'000'000);  // the survey says 64 GB
  CHECK(selection.budgets[0].ram_bytes.source == Source::reported);
  CHECK(selection.budgets[0].ram_bytes.basis == "fake, less the 20 % that stay free");
  CHECK_FALSE(selection.budgets[0].vram_bytes);
  CHECK(world.rank({.headroom = 0.5}).value().budgets[0].ram_bytes.value == 32 * kGigabyte);
}

TEST_CASE("memory that is given counts instead of the machine's", "[selector]") {
  const Selection selection =
      SelectionWorld().rank({.max_ram = 10 * kGigabyte, .max_vram = 20 * kGigabyte}).value();
  CHECK(selection.budgets[0].ram_bytes.value == 8 * kGigabyte);
  CHECK(selection.budgets[0].vram_bytes.value == 16 * kGigabyte);
  CHECK_THAT(selection.budgets[0].ram_bytes.basis, StartsWith("as given"));
  CHECK_FALSE(selection.budgets[0].available_ram_bytes);
}

TEST_CASE("what a listed model needs is what its server estimates for the context", "[selector]") {
  SelectionWorld world;
  const Selection selection = world.rank({.context_length = 4096}).value();
  const RankedModel* known = find(selection.ranked, "fake::qwen3-8b");
  REQUIRE(known);
  CHECK(known->listed);
  CHECK(known->required_bytes.value == 6 * kGigabyte);
  CHECK(known->required_bytes.basis == "the fake");
  CHECK(known->parameters.value == Approx(8.19e9));
  CHECK_THAT(known->parameters.basis, ContainsSubstring("qwen3-8b"));
  CHECK(known->bytes_per_token.value == 5 * kGigabyte);
  CHECK(world.asked.front().settings.context_length == 4096);
  world.asked.clear();
  CHECK(world.rank({.context_length = 1'000'000}));
  CHECK(world.asked.front().settings.context_length == 32768);  // the most that the model has
}

TEST_CASE("without an estimate the library's facts and the file count, and what is not known is told",
          "[selector]") {
  SelectionWorld world;
  world.server->on_estimate = [](const LoadRequest&) -> Result<MemoryEstimate> {
    return Error(ErrorCode::unsupported, "no estimates");
  };
  const Selection selection = world.rank().value();
  const RankedModel* stranger = find(selection.ranked, "fake::some/stranger");
  REQUIRE(stranger);
  CHECK(stranger->required_bytes.basis == "no estimates");
  CHECK_FALSE(stranger->parameters);
  CHECK_THAT(stranger->reason, ContainsSubstring("what it needs is not known: no estimates"));
}

TEST_CASE("models of the library that no server has are offered after all that one has", "[selector]") {
  const SelectionWorld world;
  const Selection selection = world.rank({}, Task::code).value();
  REQUIRE(selection.ranked.size() > 10);
  CHECK(selection.ranked[0].name == "fake::qwen3-8b");
  CHECK(selection.ranked[1].name == "fake::some/stranger");
  for (std::size_t i = 2; i < selection.ranked.size(); ++i) CHECK_FALSE(selection.ranked[i].listed);
  CHECK_FALSE(find(selection.ranked, "qwen3-8b"));  // a server has it
  const RankedModel* other = find(selection.ranked, "gpt-oss-20b");
  REQUIRE(other);
  CHECK(other->download == "openai/gpt-oss-20b");
  CHECK(other->quantization == "MXFP4");
  CHECK(other->required_bytes.source == Source::estimated);
  CHECK(other->required_bytes.value > 12 * kGigabyte);
  CHECK(find(selection.too_large, "llama-3.1-70b") == nullptr);  // 45.8 GB of 51.2
  CHECK(find(selection.too_large, "gpt-oss-120b"));
}

TEST_CASE("embedding models and what is no model are not chosen", "[selector]") {
  SelectionWorld world;
  world.server->set_state("some/stranger", ModelState::failed);
  CHECK_FALSE(find(world.rank().value().ranked, "fake::some/stranger"));
}

TEST_CASE("the best is the first, and where none fits the smallest says what it needs", "[selector]") {
  SelectionWorld world;
  CHECK(world.rank().value().best().value().name == "fake::qwen3-8b");
  world.gigabytes = 100;
  const Error error = world.rank({.max_ram = 100'000'000, .max_vram = 0}).value().best().error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK_THAT(error.message,
             StartsWith("no model fits into the memory to spare: the smallest is 'smollm2-360m', and "
                        "it needs 0."));
  CHECK_THAT(error.message, ContainsSubstring("; there are 0.08 GB of RAM to spare"));
  CHECK(error.detail["required_bytes"].as_integer() > 200'000'000);
}

TEST_CASE("settings out of their range are refused by name", "[selector]") {
  const SelectionWorld world;
  const auto refused = [&](const ModelSelector& selector) {
    const Error error = world.rank(selector).error();
    CHECK(error.code == ErrorCode::invalid_argument);
    return error.message;
  };
  CHECK_THAT(refused({.headroom = 1}), ContainsSubstring("'headroom'"));
  CHECK_THAT(refused({.headroom = -0.1}), ContainsSubstring("'headroom'"));
  CHECK_THAT(refused({.context_length = 0}), ContainsSubstring("'context_length'"));
  CHECK_THAT(refused({.max_ram = -1}), ContainsSubstring("'max_ram'"));
  CHECK_THAT(refused({.max_vram = -1}), ContainsSubstring("'max_vram'"));
  CHECK(world.rank({.library = "/nowhere.yaml"}).error().code == ErrorCode::config_invalid);
}

TEST_CASE("memory that nobody knows has to be given", "[selector]") {
  SelectionWorld world;
  world.server->manages = false;  // and it is not on this machine, as far as anybody knows
  const Error error = world.rank().error();
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.message ==
        "the memory of the machine of provider 'fake' is not known: provider 'fake' can't describe its "
        "hardware");
  CHECK_THAT(error.hint, ContainsSubstring("--ram"));
  CHECK(world.rank({.max_ram = 8 * kGigabyte}));
}

TEST_CASE("a selection that is stopped ends as cancelled", "[selector]") {
  SelectionWorld world;
  std::stop_source stop;
  world.server->on_estimate = [&](const LoadRequest&) -> Result<MemoryEstimate> {
    stop.request_stop();
    return Error(ErrorCode::cancelled, "cancelled");
  };
  CHECK(world.rank({}, Task::general, stop.get_token()).error().code == ErrorCode::cancelled);
}

TEST_CASE("a library of one's own takes the place of the built-in one", "[selector]") {
  const TempDir folder;
  const std::string file = folder.write("library.yaml", R"(bits_per_weight: {Q4_K_M: 4.89}
models:
  tiny:
    released: 2025
    parameters: 0.1e9
    layers: 4
    hidden_size: 512
    attention: {heads: 8, kv_heads: 8, head_size: 64}
    feed_forward: 2048
    vocabulary: 32000
    context_length: 2048
    tasks: [chat]
    sizes: {Q4_K_M: 61MB}
    source: "this test"
    status: verified
)");
  const Selection selection = SelectionWorld().rank({.library = file}).value();
  REQUIRE(selection.ranked.size() == 3);
  CHECK(selection.ranked[2].name == "tiny");
  CHECK_FALSE(selection.ranked[0].parameters);
}
