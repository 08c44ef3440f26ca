// SPDX-License-Identifier: MIT
// Eight clients that want three models of a memory with room for one: as the runtime serves them, beside what
// a llama.cpp router does when it is left alone with them, which is printed and not judged: newer ones answer
// together what waits for one model, older ones load for each request. TACHIKOMA_RIG_SECONDS=60 for a
// judgement that counts; 5 without it.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "real/launched_world.hpp"
#include "real/switching_rig.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::vector<TinyModel> kThree{{"alpha", {"--letters", "--seed", "11"}},
                                    {"beta", {"--letters", "--seed", "12"}},
                                    {"gamma", {"--letters", "--seed", "13"}}};
const std::vector<std::string> kQuestions{"Hello", "How are you?", "Tell me more", "And then?"};

SwitchingLoad load_with(double stay) {
  const char* seconds = std::getenv("TACHIKOMA_RIG_SECONDS");
  SwitchingLoad load{.questions = kQuestions,
                     .stay = stay,
                     .duration = std::chrono::seconds(seconds ? std::stol(seconds) : 5)};
  for (const TinyModel& model : kThree) load.models.push_back(model.name);
  return load;
}

SwitchingTally router_alone(const SwitchingLoad& load, const ReferenceAnswers& references) {
  const LlamaServer router = LlamaServer::with_models(kThree, 1);
  SwitchingTally tally = run_clients(load, references, [&](const auto& model, const auto& question) {
    return ask_server(router.port(), model, question);
  });
  tally.who = "router alone";
  tally.loads = loads_of(router);
  return tally;
}

SwitchingTally runtime_on_router(const SwitchingLoad& load, const ReferenceAnswers& references) {
  const LlamaServer router = LlamaServer::with_models(kThree, 1);
  const TempDir folder;
  Runtime runtime = open_silently(
      folder.write("tachikoma.yaml", "providers:\n  engine: {plugin: llamacpp, base_url: '" + router.url() +
                                         "'}\npolicy: {retry: {attempts: 1}}\n" + kRoomForOne));
  SwitchingTally tally = run_clients(load, references, [&](const auto& model, const auto& question) {
    return ask_runtime(runtime, "engine", model, question);
  });
  tally.who = "runtime on router";
  tally.loads = loads_of(router);
  return tally;
}

// Each start of a server for a model leaves a line.
SwitchingTally runtime_that_launches(const SwitchingLoad& load, const ReferenceAnswers& references) {
  const LaunchedWorld world(kThree);
  const std::string starts = world.folder.write("starts", "");
  const std::string counted = world.script("counted", "#!/bin/sh\ncase \"$*\" in *--alias*) echo >>'" +
                                                          starts + "';; esac\nexec '{real}' \"$@\"\n");
  Runtime runtime = open_silently(
      world.folder.write("counted.yaml", replace_all(world.text, world.server, counted) + kRoomForOne));
  SwitchingTally tally = run_clients(load, references, [&](const auto& model, const auto& question) {
    return ask_runtime(runtime, "local", model, question);
  });
  tally.who = "runtime launching";
  tally.loads = read_file(starts).size();
  return tally;
}

void check_served(const SwitchingTally& tally, const SwitchingLoad& load) {
  std::string complaints;
  for (const std::string& complaint : tally.complaints) complaints += '\n' + complaint;
  INFO(tally.who << complaints);
  CHECK(tally.requests >= load.clients * load.at_least);
  CHECK(tally.failed == 0);
  CHECK(tally.cut == 0);
  CHECK(tally.wrong == 0);
  CHECK(2 * tally.loads <= tally.in_order);
  // The bound of switch_policy.hpp, with all others ahead; a turn is at least a lease, an unload and a load.
  // The load that was just running, and what the answer itself took to begin, are at most a turn each.
  const auto turns = static_cast<long>(load.models.size()) + 2;
  CHECK(tally.longest_wait <= kPatience + turns * tally.longest_turn);
}

void judge(const SwitchingLoad& load) {
  const ReferenceAnswers references = answers_alone(kThree, kQuestions);
  const std::vector<SwitchingTally> tallies{router_alone(load, references),
                                            runtime_on_router(load, references),
                                            runtime_that_launches(load, references)};
  WARN(table(tallies));
  check_served(tallies[1], load);
  check_served(tallies[2], load);
}

}  // namespace

TEST_CASE("The clients of the rig count what failed, was cut, or came from another model", "[switching]") {
  const SwitchingLoad load{.models = {"alpha", "beta"}, .questions = {"Hello"}, .clients = 3, .at_least = 8};
  const ReferenceAnswers references{{{"alpha", "Hello"}, "aaa"}, {{"beta", "Hello"}, "bbb"}};
  std::atomic<int> number{0};
  const SwitchingTally tally = run_clients(load, references, [&](const auto& model, const auto&) {
    const std::string text = model == "alpha" ? "aaa" : "bbb", other = model == "alpha" ? "bbb" : "aaa";
    switch (++number) {
      case 2: return SwitchingAnswer{.failure = "HTTP status 500"};
      case 3: return SwitchingAnswer{.model = model, .text = "a"};
      case 4: return SwitchingAnswer{.model = model, .text = other, .whole = true};
      case 5: return SwitchingAnswer{.model = "gamma", .text = text, .whole = true};
      default: return SwitchingAnswer{.model = model, .text = text, .whole = true};
    }
  });
  CHECK(tally.requests == 24);
  CHECK(tally.failed == 1);
  CHECK(tally.cut == 1);
  CHECK(tally.wrong == 2);
  CHECK(tally.complaints.size() == 4);
}

TEST_CASE("Clients that stay with a model for some questions share a memory", "[real][llamacpp][switching]") {
  judge(load_with(0.8));
}

TEST_CASE("Clients that want any of the models each time share a memory", "[real][llamacpp][switching]") {
  judge(load_with(1.0 / 3));
}
