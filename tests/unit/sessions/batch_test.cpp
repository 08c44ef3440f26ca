// SPDX-License-Identifier: MIT
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sessions/batch_requests.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// Lets the calls of a fake answer when so many run at once, and knows how many did.
class Crowd {
 public:
  explicit Crowd(std::size_t expected) : expected_(expected) {}

  void enter() {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++here_);
    if (here_ >= expected_) open_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --here_;
  }
  std::size_t most() const { return most_; }

 private:
  const std::size_t expected_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t here_ = 0, most_ = 0;
  bool open_ = false;
};

struct BatchWorld {
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  TestParts parts;
  std::mutex mutex;
  std::vector<std::string> asked;  // "model text", in the order of the calls

  explicit BatchWorld(FakeProvider::Chat chat = echo()) {
    fake->models = {{.key = "a", .aliases = {"first"}}, {.key = "b"}};
    fake->on_chat = [this, chat = std::move(chat)](const ChatRequest& request, ChatSink& sink,
                                                   const CallContext& context) {
      {
        const std::lock_guard lock(mutex);
        asked.push_back(request.model + " " + request.messages.back().text);
      }
      return chat(request, sink, context);
    };
    fake->offers_async = true;
    parts = make_parts({setup("fake", fake)});
  }

  static FakeProvider::Chat echo() {
    return [](const ChatRequest& request, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
      const std::string& text = request.messages.back().text;
      if (text == "bad") return Error(ErrorCode::protocol, "no answer to that");
      sink.on_event({.text = text});
      return ChatOutcome{.finish = Finish::stop};
    };
  }

  std::vector<Result<Reply>> run(std::vector<TextRequest> requests, const BatchOptions& options = {}) {
    return try_run(std::move(requests), options).value();
  }
  Result<std::vector<Result<Reply>>> try_run(std::vector<TextRequest> requests, const BatchOptions& options) {
    const PartsInUse used = parts.runtime().use();
    return sessions::batch_generate({used->for_calls, used->generator, used->management, used.configured},
                                    std::move(requests), options);
  }
};

TextRequest to(std::string model, std::string text) {
  return {.model = std::move(model), .messages = {user(std::move(text))}};
}

std::vector<TextRequest> numbered(int count) {
  std::vector<TextRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back(to("a", std::to_string(i)));
  return requests;
}

std::string outcome(const Result<Reply>& result) {
  return result ? result->text : std::string(to_string(result.error().code));
}

std::string outcomes(const std::vector<Result<Reply>>& results) {
  std::string all;
  for (const Result<Reply>& result : results) all += (all.empty() ? "" : " ") + outcome(result);
  return all;
}

}  // namespace

TEST_CASE("a batch's results are in the order of its requests, whichever ends first", "[batch]") {
  Crowd crowd(8);
  BatchWorld world([&](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    crowd.enter();
    return BatchWorld::echo()(request, sink, context);
  });
  const auto results = world.run(numbered(40), {.concurrency = 8});
  REQUIRE(results.size() == 40);
  for (std::size_t i = 0; i < results.size(); ++i) CHECK(outcome(results[i]) == std::to_string(i));
  CHECK(crowd.most() == 8);
}

TEST_CASE("a batch with a concurrency of 1 runs one request after another", "[batch]") {
  Crowd crowd(1);
  BatchWorld world([&](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    crowd.enter();
    return BatchWorld::echo()(request, sink, context);
  });
  CHECK(outcomes(world.run(numbered(5), {.concurrency = 1})) == "0 1 2 3 4");
  CHECK(crowd.most() == 1);
  CHECK(world.asked == std::vector<std::string>{"a 0", "a 1", "a 2", "a 3", "a 4"});
}

TEST_CASE("a batch of which nobody says how many run at a time runs four", "[batch]") {
  Crowd crowd(BatchOptions::kDefaultConcurrency);
  BatchWorld world([&](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    crowd.enter();
    return BatchWorld::echo()(request, sink, context);
  });
  world.run(numbered(20));
  CHECK(crowd.most() == BatchOptions::kDefaultConcurrency);
}

TEST_CASE("a batch asks one model after the other, by whatever names it is asked for them", "[batch]") {
  BatchWorld world;
  const auto results = world.run({to("b", "1"), to("a", "2"), to("fake::b", "3"), to("first", "4"),
                                  to("b", "5"), to("none", "6"), to("fake::a", "7")},
                                 {.concurrency = 1});
  CHECK(outcomes(results) == "1 2 3 4 5 model_not_found 7");
  CHECK(world.asked == std::vector<std::string>{"b 1", "b 3", "b 5", "a 2", "first 4", "a 7"});
}

TEST_CASE("a request of a batch that fails, or can't be, affects no other", "[batch]") {
  BatchWorld world;
  TextRequest empty{.model = "a"};
  CHECK(outcomes(world.run({to("a", "1"), to("a", "bad"), empty, to("a", "2")})) ==
        "1 protocol invalid_argument 2");
  CHECK(world.run({}).empty());
}

TEST_CASE("a batch can stop at its first error: what runs goes on, what was not begun says why", "[batch]") {
  BatchWorld world;
  const auto results = world.run({to("a", "1"), to("a", "bad"), to("a", "2"), to("b", "3")},
                                 {.concurrency = 1, .stop_on_error = true});
  CHECK(outcomes(results) == "1 protocol cancelled cancelled");
  CHECK_THAT(results[2].error().message, ContainsSubstring("the one at index 1 failed"));
  CHECK(world.asked.size() == 2);
}

TEST_CASE("a stopped batch cancels what runs, begins nothing more, and has what came before", "[batch]") {
  std::stop_source stop;
  BatchWorld world([&](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    if (request.messages.back().text != "2") return BatchWorld::echo()(request, sink, context);
    stop.request_stop();
    wait_for_cancel(context);
    return Result<ChatOutcome>(ChatOutcome{});
  });
  const auto results = world.run(numbered(6), {.concurrency = 1, .stop = stop.get_token()});
  CHECK(outcomes(results) == "0 1 cancelled cancelled cancelled cancelled");
  CHECK_THAT(results[5].error().message, ContainsSubstring("before this request was begun"));
  CHECK(world.asked.size() == 3);
}

TEST_CASE("a batch whose deadline has passed begins nothing", "[batch]") {
  BatchWorld world;
  const auto results = world.run(numbered(2), {.deadline = std::chrono::steady_clock::now()});
  CHECK(outcomes(results) == "timeout timeout");
  CHECK(results[0].error().detail["clock"].as_string() == "batch");
  CHECK(world.asked.empty());
}

TEST_CASE("what runs when a batch's deadline passes is cancelled, and says that it was that", "[batch]") {
  BatchWorld world([](const ChatRequest&, ChatSink&, const CallContext& context) {
    wait_for_cancel(context);
    return Result<ChatOutcome>(ChatOutcome{});
  });
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  CHECK(outcomes(world.run(numbered(3), {.concurrency = 2, .deadline = soon})) == "timeout timeout timeout");
}

TEST_CASE("a request of a batch can be stopped alone", "[batch]") {
  BatchWorld world;
  std::vector<TextRequest> requests = numbered(3);
  std::stop_source stop;
  stop.request_stop();
  requests[1].stop = stop.get_token();
  CHECK(outcomes(world.run(std::move(requests))) == "0 cancelled 2");
}

TEST_CASE("a batch tells each request that has ended, on the thread that runs it", "[batch]") {
  BatchWorld world;
  std::vector<std::size_t> done;
  BatchProgress last;
  const std::thread::id here = std::this_thread::get_id();
  bool elsewhere = false;
  world.run({to("a", "1"), to("a", "bad"), to("b", "2")}, {.on_progress = [&](const BatchProgress& progress) {
              elsewhere = elsewhere || std::this_thread::get_id() != here;
              done.push_back(progress.done);
              last = progress;
            }});
  CHECK(done == std::vector<std::size_t>{1, 2, 3});
  CHECK(last.failed == 1);
  CHECK(last.total == 3);
  CHECK_FALSE(elsewhere);
}

TEST_CASE("an exception of a batch's callback cancels the batch, and propagates", "[batch]") {
  std::atomic<int> cancelled = 0;
  BatchWorld world([&](const ChatRequest& request, ChatSink& sink, const CallContext& context) {
    if (request.messages.back().text == "0") return BatchWorld::echo()(request, sink, context);
    wait_for_cancel(context);
    ++cancelled;
    return Result<ChatOutcome>(ChatOutcome{});
  });
  CHECK_THROWS_WITH(
      world.run(numbered(9),
                {.concurrency = 3,
                 .on_progress = [](const BatchProgress&) { throw std::runtime_error("enough"); }}),
      "enough");
  CHECK(cancelled == 2);
}

TEST_CASE("a batch that may run nothing at a time is refused", "[batch]") {
  BatchWorld world;
  CHECK(world.try_run(numbered(1), {.concurrency = 0}).error().code == ErrorCode::invalid_argument);
}
