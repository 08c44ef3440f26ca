// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <condition_variable>
#include <mutex>

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
