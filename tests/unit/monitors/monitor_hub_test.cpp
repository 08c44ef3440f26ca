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

}  // namespace

TEST_CASE("a monitor gets every event in order, and is flushed", "[monitor]") {
  auto recorder = std::make_shared<Recorder>();
  MonitorHub hub([](auto&&...) {});
  hub.add("m", recorder);
  for (int i = 0; i < 100; ++i) hub.publish({.request_id = std::to_string(i)});
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
    for (int i = 0; i < 5000; ++i) hub.publish({});
    recorder->release();
  }
  CHECK(recorder->seen.size() >= 1024);
  CHECK(recorder->seen.size() < 5000);
  CHECK(said == "slow: the monitor is too slow: it missed " + std::to_string(5000 - recorder->seen.size()) +
                    " events");
}
