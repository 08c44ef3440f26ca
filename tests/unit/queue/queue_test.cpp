// SPDX-License-Identifier: MIT
// A feeder and workers in one process, over a real Redis.
#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "queue/feeder.hpp"
#include "queue/worker.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"
#include "tachikoma/batch_queue.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// A machine with models that echo, whose worker runs until the end of the object.
class QueueMachine {
 public:
  QueueMachine(std::string url, std::vector<ModelInfo> models, FakeProvider::Chat chat,
               std::chrono::milliseconds dead_after = 15s)
      : address_(queue::parse_queue_url(url).value()) {
    fake_->models = std::move(models);
    fake_->promises_return = true;
    fake_->on_chat = [this, chat = std::move(chat)](const ChatRequest& request, ChatSink& sink,
                                                    const CallContext& context) {
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(request.model);
      }
      return chat(request, sink, context);
    };
    parts_ = make_parts({setup("fake", fake_)});
    used_ = parts_.runtime().use();
    worker_ = std::jthread([this, dead_after](std::stop_token stop) {
      report_ = queue::work({used_->for_calls, used_->generator, used_->management, used_.configured},
                            address_, name, {.concurrency = 4, .stop = stop, .dead_after = dead_after});
    });
  }
  BatchWorkerReport stop() {
    worker_.request_stop();
    worker_.join();
    return report_->value();
  }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  const std::string name = queue::new_worker_name();

 private:
  const queue::QueueAddress address_;
  const std::shared_ptr<FakeProvider> fake_ = std::make_shared<FakeProvider>();
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> asked_;
  TestParts parts_;
  PartsInUse used_;
  std::optional<Result<BatchWorkerReport>> report_;
  std::jthread worker_;
};

FakeProvider::Chat echo() {
  return [](const ChatRequest& request, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
    const std::string& text = request.messages.back().text;
    if (text == "bad") return Error(ErrorCode::protocol, "no answer to that");
    sink.on_event({.text = text});
    return ChatOutcome{.finish = Finish::stop};
  };
}

/// A folder with an input, and a queue.
struct QueueWorld {
  explicit QueueWorld(std::vector<std::string> options = {}) : redis(std::move(options)) {}

  RedisServer redis;
  TempDir folder;
  std::string input, output = (folder.path() / "out.jsonl").string();

  std::string write(int count, const std::vector<std::string>& models) {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines += R"({"custom_id":"id-)" + std::to_string(i) + R"(","model":")" +
               models[static_cast<std::size_t>(i) % models.size()] + R"(","prompt":"number )" +
               std::to_string(i) + "\"}\n";
    return input = folder.write("in.jsonl", lines);
  }
  Result<BatchReport> feed(const BatchOptions& options = {}, bool resume = false,
                           const QueueTroubleCallback& on_trouble = {}) const {
    return BatchQueue::open(redis.url())
        .value()
        .run({.input = input, .output = output, .resume = resume}, options, on_trouble);
  }
  std::vector<Value> lines(const std::string& file) const {
    std::vector<Value> values;
    const std::string text = read_file(file);
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      values.push_back(json_text_value(text.substr(at, end - at)));
    return values;
  }
  static Value json_text_value(const std::string& text) { return parse_json(text).value(); }
  // That line `i` of the output is the answer to line `i` of the input.
  void check_all(int count) const {
    const std::vector<Value> all = lines(output);
    REQUIRE(all.size() == static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const Value& each = all[static_cast<std::size_t>(i)];
      REQUIRE(each["custom_id"].as_string() == "id-" + std::to_string(i));
      REQUIRE(each["response"]["body"]["choices"].elements()[0]["message"]["content"].as_string() ==
              "number " + std::to_string(i));
    }
  }
  bool has_no_key() const { return redis.cli({"KEYS", "*"}) == "\n"; }
  std::int64_t used_memory() const {
    const std::string info = redis.cli({"INFO", "memory"});
    return std::stoll(info.substr(info.find("used_memory:") + 12));
  }
};

}  // namespace

TEST_CASE("two workers answer a batch in its order, each one model after another", "[queue]") {
  QueueWorld world;
  world.write(300, {"a", "b"});
  QueueMachine one(world.redis.url(), {{.key = "a"}, {.key = "b"}}, echo());
  QueueMachine two(world.redis.url(), {{.key = "b"}}, echo());
  const BatchReport report = world.feed().value();
  CHECK(report.succeeded == 300);
  CHECK(report.models == 2);
  world.check_all(300);
  CHECK(world.has_no_key());
  CHECK(one.stop().answered + two.stop().answered == 300);
  for (const std::string& model : two.asked()) CHECK(model == "b");
  int switches = 0;
  const std::vector<std::string> asked = one.asked();
  for (std::size_t i = 1; i < asked.size(); ++i) switches += asked[i] != asked[i - 1];
  CHECK(switches <= 1);
}

TEST_CASE("the server's memory does not grow with the batch", "[queue]") {
  QueueWorld world;
  world.write(3000, {"a", "b", "c"});
  QueueMachine machine(world.redis.url(), {{.key = "a"}, {.key = "b"}, {.key = "c"}}, echo());
  std::int64_t first = 0, last = 0;
  const auto measure = [&](const BatchProgress& now) {
    if (now.done % 50 != 0) return;
    if (now.done <= 1000) first = std::max(first, world.used_memory());
    if (now.done > 2000) last = std::max(last, world.used_memory());
  };
  CHECK(world.feed({.on_progress = measure}).value().succeeded == 3000);
  world.check_all(3000);
  CHECK(last > 0);
  CHECK(static_cast<double>(last) <= 1.05 * static_cast<double>(first));
}

TEST_CASE("a line that fails is in the error file, and one whose workers fail has their history", "[queue]") {
  QueueWorld world;
  world.input = world.folder.write("in.jsonl",
                                   "{\"custom_id\":\"w\",\"model\":\"a\",\"prompt\":\"bad\"}\n"
                                   "{\"custom_id\":\"d\",\"model\":\"b\",\"prompt\":\"down\"}\n");
  const auto fails = [](const ChatRequest& request, ChatSink& sink,
                        const CallContext& context) -> Result<ChatOutcome> {
    if (request.model == "b") return Error(ErrorCode::unreachable, "nothing answers there");
    return echo()(request, sink, context);
  };
  QueueMachine one(world.redis.url(), {{.key = "a"}, {.key = "b"}}, fails);
  QueueMachine two(world.redis.url(), {{.key = "b"}}, fails);
  QueueMachine three(world.redis.url(), {{.key = "b"}}, fails);
  const BatchReport report = world.feed().value();
  CHECK(report.failed == 2);
  const std::vector<Value> failed = world.lines(report.errors);
  REQUIRE(failed.size() == 2);
  CHECK(failed[0]["error"]["code"].as_string() == "protocol");
  CHECK(failed[1]["custom_id"].as_string() == "d");
  const std::string said(failed[1]["error"]["message"].as_string());
  for (const QueueMachine* each : {&one, &two, &three})
    CHECK_THAT(said, ContainsSubstring(each->name + ": unreachable: nothing answers there"));
}

TEST_CASE("what a worker had when it was stopped is given back, and answered by another", "[queue]") {
  QueueWorld world;
  world.write(8, {"a"});
  std::atomic<int> waiting = 0;
  QueueMachine stuck(world.redis.url(), {{.key = "a"}},
                     [&](const ChatRequest&, ChatSink&, const CallContext& context) -> Result<ChatOutcome> {
                       ++waiting;
                       wait_for_cancel(context);
                       return Error(ErrorCode::cancelled, "it was cancelled");
                     });
  std::jthread feeder([&] { CHECK(world.feed().value().succeeded == 8); });
  REQUIRE(comes_true(20s, [&] { return waiting == 4; }));
  const QueueStatus status = BatchQueue::open(world.redis.url()).value().status().value();
  CHECK(status.in_work.size() == 4);
  CHECK(status.in_work[0].worker == stuck.name);
  CHECK(stuck.stop().given_back == 4);
  QueueMachine good(world.redis.url(), {{.key = "a"}}, echo());
  feeder.join();
  world.check_all(8);
  CHECK(good.stop().answered == 8);
}

TEST_CASE("what a worker without a sign of life had is answered by another, and it notices", "[queue]") {
  QueueWorld world;
  world.write(4, {"a"});
  std::atomic<bool> is_dead = true;
  std::atomic<int> waiting = 0;
  // its own clock is an hour: it gives no sign, as if it were cut off
  QueueMachine silent(
      world.redis.url(), {{.key = "a"}},
      [&](const ChatRequest& request, ChatSink& sink, const CallContext&) -> Result<ChatOutcome> {
        ++waiting;
        is_dead.wait(true);
        sink.on_event({.text = request.messages.back().text});
        return ChatOutcome{.finish = Finish::stop};
      },
      1h);
  std::jthread feeder([&] { CHECK(world.feed().value().succeeded == 4); });
  REQUIRE(comes_true(20s, [&] { return waiting == 4; }));
  {
    QueueMachine good(world.redis.url(), {{.key = "a"}}, echo(), 200ms);
    feeder.join();
    CHECK(good.stop().answered == 4);
  }
  is_dead = false;
  is_dead.notify_all();
  CHECK(silent.stop().answered == 0);
  world.check_all(4);
  CHECK(world.has_no_key());
}

TEST_CASE("a server that comes back empty, or is lost for a while, costs no line", "[queue]") {
  const bool keeps_all = GENERATE(false, true);
  using Options = std::vector<std::string>;
  QueueWorld world(keeps_all ? Options{"--appendonly", "yes", "--appendfsync", "always"} : Options{});
  world.write(400, {"a", "b"});
  QueueMachine one(world.redis.url(), {{.key = "a"}, {.key = "b"}}, echo());
  QueueMachine two(world.redis.url(), {{.key = "b"}, {.key = "a"}}, echo());
  std::atomic<int> troubles = 0;
  bool was_killed = false;
  const BatchOptions options{.on_progress = [&](const BatchProgress& now) {
    if (now.done < 200 || std::exchange(was_killed, true)) return;
    world.redis.kill();
    world.redis.start();
  }};
  const auto report = world.feed(options, false, [&](const Error& error) {
    ++troubles;
    CHECK(error.code == ErrorCode::unreachable);
  });
  CHECK(report.value().succeeded == 400);
  CHECK(troubles > 0);
  world.check_all(400);
  CHECK(world.has_no_key());
}

TEST_CASE("a batch that is cancelled ends its feeder, which can begin it again", "[queue]") {
  QueueWorld world;
  world.write(6, {"a"});
  const BatchQueue batch = BatchQueue::open(world.redis.url()).value();
  std::jthread canceller([&] {
    CHECK(comes_true(20s, [&] { return batch.status().value().exists; }));
    CHECK(batch.cancel().value());
  });
  const auto ended = world.feed();
  canceller.join();
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == ErrorCode::cancelled);
  CHECK_THAT(ended.error().message, ContainsSubstring("the batch 'test' was cancelled"));
  CHECK(world.has_no_key());
  QueueMachine machine(world.redis.url(), {{.key = "a"}}, echo());
  CHECK(world.feed({}, true).value().succeeded == 6);
  world.check_all(6);
}

TEST_CASE("a feeder refuses what it could not do, and leaves no journal", "[queue]") {
  QueueWorld world;
  world.input = world.folder.write("in.jsonl", "{\"prompt\":\"x\"}\n");
  const auto refused = [&](const BatchOptions& options) {
    const auto report = world.feed(options);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == ErrorCode::invalid_argument);
    CHECK_FALSE(std::filesystem::exists(world.output + ".journal"));
    return report.error().message;
  };
  CHECK_THAT(refused({}), ContainsSubstring("the line 'line-1' names no model"));
  CHECK_THAT(refused({.concurrency = 2}), ContainsSubstring("no 'concurrency' of its own"));
  CHECK_THAT(refused({.stop_on_error = true}), ContainsSubstring("can't stop at the first error"));
  CHECK(world.has_no_key());
}

TEST_CASE("a batch in a queue ends at its deadline, and goes on later", "[queue]") {
  QueueWorld world;
  world.write(3, {"a"});
  const auto late = world.feed({.deadline = std::chrono::steady_clock::now()});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK_THAT(late.error().message, ContainsSubstring("when 0 of 3 requests had ended"));
  QueueMachine machine(world.redis.url(), {{.key = "a"}}, echo());
  CHECK(world.feed({}, true).value().succeeded == 3);
}
