// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A chunk is a token; a prompt has its words, and four more for each message.
constexpr char kScript[] = "replies:\n  - {when: {model: mistral-7b}, chunks: [one, \" two\", \" three\"]}\n";
// As fast as a model that can be measured.
constexpr char kPaced[] =
    "replies:\n  - {when: {model: mistral-7b}, chunks: [a, \" b\", \" c\", \" d\", \" e\", \" f\"], "
    "delay_per_token: 100ms}\n";

Reply ask(Studio& studio) {
  return studio.provider().generate_text({.model = "mistral-7b", .messages = {user("Hi there")}}).value();
}

}  // namespace

TEST_CASE("a monitor is told of each generation: its model, its tokens, its time and its speed",
          "[monitoring/on-generation]") {
  Studio studio(kPaced);
  std::vector<GenerationUsage> told;
  UsageMonitor monitor(studio.runtime);
  monitor.on_generation([&](const GenerationUsage& metrics) { told.push_back(metrics); });
  const Reply reply = ask(studio);
  monitor.flush();
  REQUIRE(told.size() == 1);
  const GenerationUsage& metrics = told.front();
  CHECK(metrics.model == "mistral-7b");
  CHECK(metrics.usage.prompt_tokens == 6);
  CHECK(metrics.usage.completion_tokens == 6);
  CHECK(metrics.usage == reply.usage);
  CHECK(metrics.total_time >= reply.metrics.decode_time.value);
  CHECK(metrics.tokens_per_second.source == Source::measured);
  CHECK(metrics.tokens_per_second == reply.metrics.tokens_per_second);
}

TEST_CASE("a monitor has the statistics of all generations: requests, average speed, tokens",
          "[monitoring/statistics]") {
  Studio studio(kScript);
  UsageMonitor monitor(studio.runtime);
  for (int i = 0; i < 5; ++i) ask(studio);
  studio.simulator.play(kPaced);
  const Reply paced = ask(studio);
  monitor.flush();
  const UsageSummary stats = monitor.statistics().overall;
  CHECK(stats.requests == 6);
  CHECK(stats.prompt_tokens.sum.value == 6 * 6);
  CHECK(stats.completion_tokens.sum.value == 5 * 3 + 6);
  CHECK(stats.total_tokens.sum.value == 6 * 6 + 5 * 3 + 6);
  CHECK(stats.total_tokens.known == 6);
  // three tokens at once have no speed that could be measured
  CHECK(stats.tokens_per_second.value == Approx(paced.metrics.tokens_per_second.value));
  CHECK(stats.tokens_per_second.basis.ends_with("of 1 of 6 generations"));
}
