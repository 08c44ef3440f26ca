// SPDX-License-Identifier: MIT
#include "real/switching_rig.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>

#include "real/http.hpp"
#include "support/catch.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAnswerTokens = 6;
constexpr std::size_t kComplaints = 5;

/// One question, and when what happened to it.
struct Exchange {
  std::size_t model;
  Clock::time_point asked, begun, ended;
};

/// What the standard leaves to a library's distributions is the same here on each machine.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t count) { return engine_() % count; }
  bool happens(double probability) { return static_cast<double>(engine_() >> 11) * 0x1p-53 < probability; }

 private:
  std::mt19937_64 engine_;
};

class Clients {
 public:
  Clients(const SwitchingLoad& load, const ReferenceAnswers& references, const AskModel& ask)
      : load_(load), references_(references), ask_(ask), end_(Clock::now() + load.duration) {}

  SwitchingTally run() {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < load_.clients; ++i) threads.emplace_back([this, i] { be_client(i); });
    threads.clear();
    tally_.in_order = loads_in_order();
    tally_.longest_turn = longest_turn();
    return std::move(tally_);
  }

 private:
  void be_client(std::size_t number) {
    Chance chance(static_cast<std::uint32_t>(number) + 1);
    std::size_t model = chance.below(load_.models.size());
    for (std::size_t asked = 0; asked < load_.at_least || Clock::now() < end_; ++asked) {
      if (!chance.happens(load_.stay))
        model = (model + 1 + chance.below(load_.models.size() - 1)) % load_.models.size();
      exchange(model, load_.questions[chance.below(load_.questions.size())]);
    }
  }

  void exchange(std::size_t model, const std::string& question) {
    Exchange times{model, Clock::now(), {}, {}};
    const SwitchingAnswer answer = ask_(load_.models[model], question);
    times.ended = Clock::now();
    times.begun = answer.begun == Clock::time_point() ? times.ended : answer.begun;
    const std::lock_guard lock(mutex_);
    ++tally_.requests;
    judge(load_.models[model], question, answer);
    if (!answer.failure.empty()) return;
    exchanges_.push_back(times);
    tally_.longest_wait = std::max(tally_.longest_wait, times.begun - times.asked);
  }

  void judge(const std::string& model, const std::string& question, const SwitchingAnswer& answer) {
    const std::string& expected = references_.at({model, question});
    const auto complain = [&](std::size_t& count, const std::string& what) {
      ++count;
      if (tally_.complaints.size() < kComplaints)
        tally_.complaints.push_back("'" + model + "' was asked '" + question + "': " + what);
    };
    if (!answer.failure.empty())
      complain(tally_.failed, answer.failure);
    else if (!answer.whole)
      complain(tally_.cut, "cut after '" + answer.text + "'");
    else if (answer.model != model || answer.text != expected)
      complain(tally_.wrong, "'" + answer.model + "' answered '" + answer.text + "', not '" + expected + "'");
  }

  std::size_t loads_in_order() {
    std::sort(exchanges_.begin(), exchanges_.end(),
              [](const Exchange& a, const Exchange& b) { return a.asked < b.asked; });
    std::size_t loads = 0;
    const Exchange* before = nullptr;
    for (const Exchange& each : exchanges_) {
      if (!before || before->model != each.model) ++loads;
      before = &each;
    }
    return loads;
  }

  // The order in which the answers began is that of the turns.
  Clock::duration longest_turn() {
    std::sort(exchanges_.begin(), exchanges_.end(),
              [](const Exchange& a, const Exchange& b) { return a.begun < b.begun; });
    Clock::duration longest{};
    Clock::time_point turn_began = Clock::time_point::min(), last_ended = turn_began;
    const Exchange* before = nullptr;
    for (const Exchange& each : exchanges_) {
      if (before && before->model != each.model) turn_began = last_ended;
      longest = std::max(longest, each.ended - std::max(each.asked, turn_began));
      last_ended = std::max(last_ended, each.ended);
      before = &each;
    }
    return longest;
  }

  const SwitchingLoad& load_;
  const ReferenceAnswers& references_;
  const AskModel& ask_;
  const Clock::time_point end_;
  std::mutex mutex_;  // guards what follows
  SwitchingTally tally_;
  std::vector<Exchange> exchanges_;
};

long milliseconds(std::chrono::nanoseconds time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

SwitchingTally run_clients(const SwitchingLoad& load, const ReferenceAnswers& references,
                           const AskModel& ask) {
  return Clients(load, references, ask).run();
}

std::string table(const std::vector<SwitchingTally>& tallies) {  // narrow enough for Catch2 not to fold it
  char line[120];
  std::snprintf(line, sizeof line, "\n%-18s%9s%7s%4s%6s%6s%9s%8s%8s\n", "", "requests", "failed", "cut",
                "wrong", "loads", "in order", "wait ms", "turn ms");
  std::string text = line;
  for (const SwitchingTally& each : tallies) {
    std::snprintf(line, sizeof line, "%-18s%9zu%7zu%4zu%6zu%6zu%9zu%8ld%8ld\n", each.who.c_str(),
                  each.requests, each.failed, each.cut, each.wrong, each.loads, each.in_order,
                  milliseconds(each.longest_wait), milliseconds(each.longest_turn));
    text += line;
  }
  return text +
         "in order: loads, if the questions had been answered in their order\n"
         "wait, turn: the longest";
}

ReferenceAnswers answers_alone(const std::vector<TinyModel>& models,
                               const std::vector<std::string>& questions) {
  ReferenceAnswers answers;
  for (const TinyModel& model : models) {
    const LlamaServer server = LlamaServer::with_model(model);
    for (const std::string& question : questions) {
      const SwitchingAnswer answer = ask_server(server.port(), model.name, question);
      INFO(answer.failure);
      REQUIRE(answer.whole);
      for (const auto& [key, text] : answers) REQUIRE((key.second != question || text != answer.text));
      answers[{model.name, question}] = answer.text;
    }
  }
  return answers;
}

SwitchingAnswer ask_server(int port, const std::string& model, const std::string& question) {
  const Value request =
      Value::object({{"model", model},
                     {"messages", Value::array({Value::object({{"role", "user"}, {"content", question}})})},
                     {"max_tokens", kAnswerTokens},
                     {"temperature", 0},
                     {"seed", 1}});
  const HttpReply reply = http_post(port, "/v1/chat/completions", to_json(request));
  if (reply.status != 200)
    return {.failure = "HTTP status " + std::to_string(reply.status) + ": " + reply.body};
  const Result<Value> answer = parse_json(reply.body);
  if (!answer || (*answer)["choices"].elements().empty()) return {};  // it broke off
  const Value& choice = (*answer)["choices"].elements().front();
  return {.model = std::string((*answer)["model"].as_string()),
          .text = std::string(choice["message"]["content"].as_string()),
          .whole = choice["finish_reason"].as_string() == "length"};
}

SwitchingAnswer ask_runtime(Runtime& runtime, const std::string& provider, const std::string& model,
                            const std::string& question) {
  SwitchingAnswer answer;
  const Result<Reply> reply =
      runtime.stream_text({.model = provider + "::" + model,
                           .messages = {user(question)},
                           .settings = {.max_tokens = kAnswerTokens, .temperature = 0.0, .seed = 1}},
                          [&](const Delta& delta) {
                            if (!delta.text().empty() && answer.begun == Clock::time_point())
                              answer.begun = Clock::now();
                            return Flow::proceed;
                          });
  if (!reply) {
    answer.failure = std::string(to_string(reply.error().code)) + ": " + reply.error().message;
    return answer;
  }
  answer.model = reply->model;
  answer.text = reply->text;
  answer.whole = reply->finish == Finish::length;
  return answer;
}

std::size_t loads_of(const LlamaServer& router) {
  const std::string log = router.log();
  const std::string_view words = "spawning server instance with name=";
  std::size_t loads = 0;
  for (std::size_t at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) ++loads;
  return loads;
}

Runtime open_silently(const std::string& config_file) {
  return Runtime::open(config_file, [](Severity, std::string_view, std::string_view) {}).value();
}

}  // namespace tachikoma::testing
