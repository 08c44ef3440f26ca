// SPDX-License-Identifier: MIT
// What a UsageMonitor counts, against what a real server has said on the wire.
#include <chrono>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "real/llama_server.hpp"
#include "real/recording_proxy.hpp"
#include "support/catch.hpp"
#include "tachikoma/tachikoma.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using Millis = std::chrono::duration<double, std::milli>;

namespace {

constexpr int kCalls = 200;

/// The last chunk of a streamed answer that has both, read straight from its bytes.
struct ServersAccount {
  Value usage, timings;
};

std::vector<ServersAccount> accounts_in(const RecordingProxy& proxy) {
  constexpr std::string_view kData = "data: {";
  std::vector<ServersAccount> accounts;
  for (const HttpReply& reply : proxy.replies()) {
    ServersAccount account;
    for (std::size_t at = 0; (at = reply.body.find(kData, at)) != std::string::npos; at += kData.size()) {
      const std::size_t begin = at + kData.size() - 1;
      const Value chunk =
          base::parse_json(reply.body.substr(begin, reply.body.find('\n', begin) - begin)).value();
      if (chunk["usage"].is_object()) account.usage = chunk["usage"];
      if (chunk["timings"].is_object()) account.timings = chunk["timings"];
    }
    if (account.usage.is_object()) accounts.push_back(std::move(account));
  }
  return accounts;
}

}  // namespace

TEST_CASE("what a monitor counts is what a real server has reported, over hundreds of calls",
          "[real][usage]") {
  const LlamaServer server =
      LlamaServer::with_model({"alpha", {"--letters", "--layers", "8", "--width", "256"}});
  const RecordingProxy proxy(server.port());
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, proxy.port())).value();
  UsageMonitor monitor(runtime);
  std::vector<GenerationUsage> told;
  monitor.on_generation([&](const GenerationUsage& each) { told.push_back(each); });
  for (int i = 0; i < kCalls; ++i)
    REQUIRE(runtime.generate_text({.model = "alpha",
                                   .messages = {user("Question " + std::to_string(i) + ": why?")},
                                   .settings = {.max_tokens = 5 + i % 40}}));
  monitor.flush();

  const std::vector<ServersAccount> accounts = accounts_in(proxy);
  REQUIRE(told.size() == kCalls);
  REQUIRE(accounts.size() == kCalls);
  std::int64_t prompt = 0, completion = 0;
  for (std::size_t i = 0; i < kCalls; ++i) {
    const Value &usage = accounts[i].usage, &timings = accounts[i].timings;
    CHECK(told[i].usage.prompt_tokens == usage["prompt_tokens"].as_integer());
    CHECK(told[i].usage.completion_tokens == usage["completion_tokens"].as_integer());
    prompt += usage["prompt_tokens"].as_integer();
    completion += usage["completion_tokens"].as_integer();
    const Millis reading(timings["prompt_ms"].as_real()), generating(timings["predicted_ms"].as_real());
    const Millis first = told[i].time_to_first_token.value, total = told[i].total_time;
    CHECK(first >= reading);  // nothing is told to be faster than it was
    CHECK(total >= reading + generating);
  }

  const UsageSummary all = monitor.statistics().overall;
  CHECK(all.requests == kCalls);
  CHECK(all.failed == 0);
  CHECK(all.prompt_tokens.sum.value == prompt);
  CHECK(all.completion_tokens.sum.value == completion);
  CHECK(all.total_tokens.unknown == 0);
  CHECK(all.tokens_per_second.source == Source::reported);
}
