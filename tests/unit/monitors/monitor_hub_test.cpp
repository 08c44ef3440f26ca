// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/catch.hpp"

using namespace tachikoma;

namespace {

class Recorder final : public Monitor {
 public:
  void on_event(const MonitorEvent& event) override {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return open; });
    seen.push_back(event.request_id);
  }
  Status flush() override {
    ++flushes;
    return Done{};
  }
  void release() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  std::vector<std::string> seen;
  int flushes = 0;
};

monitors::Moment moment_of(const std::string& request) {
  return {std::make_shared<MonitorEvent>(MonitorEvent{.request_id = request})};
}

}  // namespace

TEST_CASE("a monitor gets every event in order, and is flushed", "[monitor]") {
  auto recorder = std::make_shared<Recorder>();
  MonitorHub hub([](auto&&...) {});
  hub.add("m", recorder);
  for (int i = 0; i < 100; ++i) hub.publish(moment_of(std::to_string(i)));
  hub.flush();
  REQUIRE(recorder->seen.size() == 100);
  CHECK(recorder->seen.front() == "0");
  CHECK(recorder->seen.back() == "99");
  CHECK(recorder->flushes == 1);
}

TEST_CASE("a monitor that hangs delays nobody: it loses events, and that is said", "[monitor]") {
  auto recorder = std::make_shared<Recorder>();
  recorder->open = false;
  std::string said;
  {
    MonitorHub hub([&](Severity, std::string_view who, std::string_view text) {
      said = std::string(who) + ": " + std::string(text);
    });
    hub.add("slow", recorder);
    for (int i = 0; i < 5000; ++i) hub.publish(moment_of("r"));
    recorder->release();
  }
  CHECK(recorder->seen.size() >= 1024);
  CHECK(recorder->seen.size() < 5000);
  CHECK(said == "slow: the monitor is too slow: it missed " + std::to_string(5000 - recorder->seen.size()) +
                    " events");
}

TEST_CASE("each moment of a generation is an event of its own, and the last one has all", "[monitor]") {
  class Copier final : public Monitor {
   public:
    void on_event(const MonitorEvent& event) override { seen.push_back(event); }
    std::vector<MonitorEvent> seen;
  };
  const auto copier = std::make_shared<Copier>();
  MonitorHub hub([](auto&&...) {});
  hub.add("m", copier);
  for (const char* request : {"r1", "r2"}) {
    const auto event =
        std::make_shared<MonitorEvent>(MonitorEvent{.request_id = request, .provider = "p", .model = "m"});
    using Kind = MonitorEvent::Kind;
    hub.publish({event, Kind::started});
    hub.publish({event, Kind::first_token, {}, std::chrono::seconds(1)});
    event->kind = Kind::finished;
    event->served_model = "served";
    event->usage.completion_tokens = 3;
    hub.publish({event, Kind::finished});
  }
  hub.flush();
  std::string told;
  for (const MonitorEvent& each : copier->seen)
    told += each.request_id + " " + each.provider + " " + each.model + " " +
            std::string(to_string(each.kind)) + " " + each.served_model +
            std::to_string(each.usage.completion_tokens.value_or(0)) + " " +
            std::to_string(each.elapsed.count() / 1'000'000'000) + "\n";
  CHECK(told ==
        "r1 p m started 0 0\n"
        "r1 p m first_token 0 1\n"
        "r1 p m finished served3 0\n"
        "r2 p m started 0 0\n"
        "r2 p m first_token 0 1\n"
        "r2 p m finished served3 0\n");
}

TEST_CASE("what a program adds to a hub is told of the ends, until it is removed, also by a later hub",
          "[monitor]") {
  using Kind = MonitorEvent::Kind;
  const auto end = [](const char* request) {
    monitors::Moment moment = moment_of(request);
    moment.kind = Kind::finished;
    return moment;
  };
  MonitorHub hub([](auto&&...) {});
  CHECK(hub.empty());
  const auto recorder = std::make_shared<Recorder>();
  const auto queue = std::make_shared<monitors::MonitorQueue>("added", recorder, hub.log());
  hub.added()->add(queue);
  CHECK_FALSE(hub.empty());
  hub.publish({moment_of("started").event, Kind::started});
  hub.publish(end("one"));
  MonitorHub later([](auto&&...) {}, hub);
  CHECK_FALSE(later.empty());
  later.publish(end("two"));
  later.flush();
  CHECK(recorder->seen == std::vector<std::string>{"one", "two"});
  CHECK(recorder->flushes == 1);
  later.added()->remove(queue);
  CHECK(hub.empty());
  hub.publish(end("three"));
  queue->push(end("four"));
  queue->end();
  queue->push(end("five"));
  queue->flush();
  CHECK(recorder->seen == std::vector<std::string>{"one", "two", "four"});
  CHECK(recorder->flushes == 2);
}

TEST_CASE("a queue that its own monitor ends waits for nothing, and drops what is left", "[monitor]") {
  class Leaver final : public Monitor {
   public:
    void on_event(const MonitorEvent&) override {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return queue != nullptr; });
      ++seen;
      queue->flush();
      queue.reset();
      left = true;
      changed.notify_all();
    }
    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    std::shared_ptr<monitors::MonitorQueue> queue;
    int seen = 0;
    bool left = false;
  };
  const auto leaver = std::make_shared<Leaver>();
  std::vector<std::string> log;
  auto queue = std::make_shared<monitors::MonitorQueue>(
      "leaver", leaver, [&](Severity, std::string_view, std::string_view text) { log.emplace_back(text); });
  for (int i = 0; i < 3; ++i) queue->push(moment_of("r"));
  std::unique_lock lock(leaver->mutex);
  leaver->queue = std::move(queue);
  leaver->changed.notify_all();
  leaver->changed.wait(lock, [&] { return leaver->left; });
  lock.unlock();
  while (leaver.use_count() > 1) std::this_thread::yield();  // until its thread has ended
  CHECK(leaver->seen == 1);
  CHECK(log.empty());
}
