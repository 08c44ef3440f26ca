// SPDX-License-Identifier: MIT
#include "models/ranking.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::models;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kGB = 1'000'000'000;

Sourced<std::int64_t> estimated(double gigabytes) {
  return {static_cast<std::int64_t>(gigabytes * 1e9), Source::estimated, "test"};
}

struct Kind {
  std::string name;
  double needs;       ///< GB
  double parameters;  ///< billions
  double active;
  std::vector<Task> tasks = {Task::general};
  int released = 2025;
};

Candidate candidate(const Kind& kind, bool listed = true) {
  LibraryModel facts{.name = kind.name, .released = kind.released, .tasks = kind.tasks};
  Candidate made{.model = {.name = kind.name, .provider = "p", .listed = listed}, .facts = facts};
  made.model.required_bytes = made.weights_bytes = estimated(kind.needs);
  made.model.parameters = {kind.parameters * 1e9, Source::reported, "test"};
  made.model.active_parameters = {kind.active * 1e9, Source::reported, "test"};
  made.model.bytes_per_token = estimated(kind.needs * kind.active / kind.parameters);
  return made;
}

Selection wanted(double ram, double vram, Task task = Task::general, Speed speed = Speed::balanced) {
  return {.task = task,
          .speed = speed,
          .headroom = 0.2,
          .budgets = {{.provider = "p", .ram_bytes = estimated(ram), .vram_bytes = estimated(vram)}}};
}

std::string names(const std::vector<RankedModel>& models) {
  std::string all;
  for (const RankedModel& each : models) all += (all.empty() ? "" : " ") + each.name;
  return all;
}

const Kind kSmall{"small", 2, 3, 3}, kLarge{"large", 20, 32, 32}, kSparse{"sparse", 18, 30, 3};
const Kind kHuge{"huge", 63, 117, 5};

std::string order(double ram, double vram, Speed speed) {
  return names(ranked(wanted(ram, vram, Task::general, speed),
                      {candidate(kSmall), candidate(kLarge), candidate(kSparse), candidate(kHuge)})
                   .ranked);
}

}  // namespace

TEST_CASE("speed decides between a large model and a fast one", "[selector]") {
  CHECK(order(64, 24, Speed::quality) == "large huge sparse small");
  CHECK(order(64, 24, Speed::fast) == "sparse small large huge");
  CHECK(order(64, 24, Speed::balanced) == "large sparse huge small");
  // without a GPU: reading as much as the small one, the huge one is as fast, and better
  CHECK(order(80, 0, Speed::fast) == "huge sparse small large");
}

TEST_CASE("what does not fit is told with the numbers", "[selector]") {
  const Selection selection =
      ranked(wanted(12.8, 19.2), {candidate(kHuge), candidate(kLarge), candidate(kSmall)});
  CHECK(names(selection.ranked) == "large small");
  CHECK(names(selection.too_large) == "huge");
  CHECK(selection.too_large[0].reason ==
        "it needs 63.0 GB; there are 12.8 GB of RAM and 19.2 GB of GPU memory to spare");
  CHECK(selection.too_large[0].required_bytes.value == 63 * kGB);
  CHECK_FALSE(selection.too_large[0].on_gpus_bytes);
}

TEST_CASE("a model goes to the GPUs as far as there is room", "[selector]") {
  const std::vector<RankedModel> models =
      ranked(wanted(12.8, 19.2), {candidate(kLarge), candidate(kSmall)}).ranked;
  CHECK(models[0].on_gpus_bytes.value == 19'200'000'000);
  CHECK(models[0].on_gpus_bytes.source == Source::estimated);
  CHECK(models[1].on_gpus_bytes.value == 2 * kGB);
  CHECK(models[0].reason ==
        "its speciality is general; of its 20.0 GB 19.2 GB fit on GPUs and the rest into RAM; it reads 20.0 "
        "GB of "
        "weights for each token");
  CHECK(
      models[1].reason ==
      "its speciality is general; its 2.0 GB fit into the 19.2 GB of GPU memory to spare; it reads 2.0 GB of "
      "weights for each token");
  CHECK_THAT(ranked(wanted(12.8, 0), {candidate(kSmall)}).ranked[0].reason,
             ContainsSubstring("its 2.0 GB fit into the 12.8 GB of RAM to spare"));
}

TEST_CASE("what is made for the task comes before what is not known, and that before the rest",
          "[selector]") {
  Candidate code = candidate({"code", 2, 3, 3, {Task::code}}),
            chat = candidate({"chat", 10, 20, 20, {Task::chat}});
  Candidate both = candidate({"both", 1, 1, 1, {Task::chat, Task::code}}), stranger = candidate(kLarge);
  stranger.model.name = "stranger";
  stranger.facts.reset();
  const auto order_for = [&](Task task) {
    return names(ranked(wanted(32, 0, task, Speed::quality), {chat, code, both, stranger}).ranked);
  };
  CHECK(order_for(Task::code) == "code both stranger chat");
  CHECK(order_for(Task::chat) == "chat both stranger code");
  CHECK(order_for(Task::general) == "chat both stranger code");  // a model for chats is one for anything
  CHECK(order_for(Task::reasoning) == "stranger chat code both");
  const Selection selection = ranked(wanted(32, 0, Task::code), {chat, code, both, stranger});
  CHECK_THAT(selection.ranked[0].reason, StartsWith("its speciality is code; "));
  CHECK_THAT(selection.ranked[1].reason, StartsWith("it is made for code among others; "));
  CHECK_THAT(selection.ranked[2].reason, StartsWith("the model library does not know it; "));
  CHECK_THAT(selection.ranked[3].reason, StartsWith("it is made for chat; "));
}

TEST_CASE("a newer model of the same size is the better one", "[selector]") {
  const Candidate old = candidate({"a-old", 20, 34, 34, {Task::code}, 2023});
  const Candidate young = candidate({"b-young", 20, 32, 32, {Task::code}, 2025});
  CHECK(names(ranked(wanted(32, 0, Task::code), {old, young}).ranked) == "b-young a-old");
}

TEST_CASE("models that a server has come first, whatever could be downloaded", "[selector]") {
  const Candidate better = candidate({"better", 20, 32, 32}, false);
  Candidate unknown = candidate({"unknown", 1, 1, 1});
  unknown.model.required_bytes = {.basis = "nobody says it"};
  const Selection selection = ranked(wanted(32, 0), {better, unknown, candidate(kSmall)});
  CHECK(names(selection.ranked) == "small unknown better");
  CHECK_THAT(selection.ranked[1].reason, ContainsSubstring("what it needs is not known: nobody says it"));
  CHECK_FALSE(selection.ranked[1].on_gpus_bytes);
}

TEST_CASE("among equals the loaded one is first, then the name decides", "[selector]") {
  std::vector<Candidate> all{candidate({"b", 2, 3, 3}), candidate({"a", 2, 3, 3}), candidate({"c", 2, 3, 3})};
  all[2].model.loaded = true;
  for (int i = 0; i < 6; ++i) {
    const Selection selection = ranked(wanted(32, 0), all);
    CHECK(names(selection.ranked) == "c a b");
    CHECK_THAT(selection.ranked[0].reason, ContainsSubstring("; it is loaded"));
    std::next_permutation(all.begin(), all.end(),
                          [](const auto& x, const auto& y) { return x.model.name < y.model.name; });
  }
}

TEST_CASE("what its server says counts, but not of a model that is loaded", "[selector]") {
  Candidate refused = candidate(kSmall), loaded = candidate(kLarge);
  refused.refused = loaded.refused = "its server says that it does not fit";
  loaded.model.loaded = true;
  const Selection selection = ranked(wanted(32, 0), {refused, loaded});
  CHECK(names(selection.ranked) == "large");
  CHECK(names(selection.too_large) == "small");
  CHECK(selection.too_large[0].reason ==
        "it needs 2.0 GB; there are 32.0 GB of RAM to spare; its server says that it does not fit");
}

TEST_CASE("too little free memory now is told, and does not decide", "[selector]") {
  Selection selection = wanted(32, 0);
  selection.budgets[0].available_ram_bytes = estimated(1.5);
  const std::vector<RankedModel> models = ranked(selection, {candidate(kSmall)}).ranked;
  REQUIRE(models.size() == 1);
  CHECK_THAT(models[0].reason, ContainsSubstring("; only 1.5 GB of RAM are free now"));
}

TEST_CASE("quality takes the largest quantization that fits, the rest the smallest", "[selector]") {
  const LibraryModel model{.name = "m",
                           .layers = 32,
                           .kv_heads = 8,
                           .head_size = 128,
                           .context_length = 8192,
                           .sizes = {{"Q4_K_M", 5 * kGB}, {"Q8_0", 9 * kGB}}};
  const auto size = [&](double ram, Speed speed) {
    return suitable_size(model, {.ram_bytes = estimated(ram)}, speed, 8192).quantization;
  };
  CHECK(size(32, Speed::quality) == "Q8_0");
  CHECK(size(10, Speed::quality) == "Q4_K_M");  // the context takes another 1.07 GB
  CHECK(size(10.1, Speed::quality) == "Q8_0");
  CHECK(size(32, Speed::balanced) == "Q4_K_M");
  CHECK(size(1, Speed::quality) == "Q4_K_M");
}
