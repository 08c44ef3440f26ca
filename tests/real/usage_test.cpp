// SPDX-License-Identifier: MIT
// What a UsageMonitor counts, against what a real server has said on the wire.
#include <algorithm>
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

/// By how much a client's times are longer than the server's own, which has no HTTP, template or tokens in
/// its.
struct Lags {
  std::vector<double> first, total;  ///< ms

  void note(Millis first_token, Millis whole, const Value& timings) {
    const double reading = timings["prompt_ms"].as_real();
    first.push_back(first_token.count() - reading);
    total.push_back(whole.count() - reading - timings["predicted_ms"].as_real());
  }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string question(int i) { return "Question " + std::to_string(i) + ": why?"; }
std::int64_t answer_length(int i) { return 5 + i % 40; }

// The same request by a socket and nothing else.
void ask_plainly(int port, int i, Lags& lags) {
  using Clock = std::chrono::steady_clock;
  const std::string body = R"({"model":"alpha","stream":true,"messages":[{"role":"user","content":")" +
                           question(i) + R"("}],"max_tokens":)" + std::to_string(answer_length(i)) + "}";
  const auto begin = Clock::now();
  const Socket socket = Socket::connect(port);
  REQUIRE(socket.send(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body));
  std::string answer;
  Millis first{0};
  while (answer.find("[DONE]") == std::string::npos && socket.receive(answer))
    if (first == Millis(0) && answer.find(R"("content":")") != std::string::npos)
      first = Clock::now() - begin;
  const Millis whole = Clock::now() - begin;
  const std::size_t at = answer.rfind(R"({"cache_n")");
  REQUIRE(at != std::string::npos);
  lags.note(first, whole, base::parse_json(answer.substr(at, answer.find('}', at) + 1 - at)).value());
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
    REQUIRE(runtime.generate_text(
        {.model = "alpha", .messages = {user(question(i))}, .settings = {.max_tokens = answer_length(i)}}));
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

// Run by hand on a quiet machine: what lies between two clocks depends on its pace.
TEST_CASE("the times of a generation are those of a real server, as far as a plain socket sees them",
          "[.times]") {
  const LlamaServer server =
      LlamaServer::with_model({"alpha", {"--letters", "--layers", "8", "--width", "256"}});
  const TempDir folder;
  Runtime runtime = Runtime::open(openai_config(folder, server.port())).value();
  Lags ours, plain;
  for (int i = 0; i < kCalls; ++i) {
    const Reply reply = runtime
                            .generate_text({.model = "alpha",
                                            .messages = {user(question(i))},
                                            .settings = {.max_tokens = answer_length(i)}})
                            .value();
    ours.note(reply.metrics.time_to_first_token.value, reply.metrics.total_time.value,
              reply.extra["timings"]);
    ask_plainly(server.port(), kCalls + i, plain);  // its prompt must not be in the cache
  }
  WARN("longer than the server's own account, medians of "
       << kCalls << " calls: first token " << median(ours.first)
       << " ms (plain socket: " << median(plain.first) << "), all of it " << median(ours.total)
       << " ms (plain socket: " << median(plain.total) << ")");
  CHECK(median(ours.first) - median(plain.first) < 0.5);
  CHECK(median(ours.total) - median(plain.total) < 0.5);
}
