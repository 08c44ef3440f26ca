// SPDX-License-Identifier: MIT
#include "models/scheduler.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <thread>

#include "support/catch.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;
using models::MemoryBytes;
using models::ModelLease;
using models::Schedule;
using models::Scheduler;

namespace {

constexpr std::chrono::milliseconds kPatient = 1h;

/// Models that are there as soon as they are loaded, or once the test lets them.
class FakeLoader final : public models::ModelLoader {
 public:
  Result<Loaded> load(ModelId model, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    if (std::exchange(there_[model], true)) wrong_ = "loaded twice";
    if (++loaded_ > most_) wrong_ = "too many at a time";
    ++loads_;
    const std::stop_callback on_stop(stop, [this] { changed_.notify_all(); });
    changed_.notify_all();
    while (gate_closed_ && !stop.stop_requested()) changed_.wait_for(lock, 1ms);
    if (!stop.stop_requested() && !failure_) return Loaded{MemoryBytes{1, 0}};
    there_[model] = false;
    --loaded_;
    changed_.notify_all();
    if (stop.stop_requested()) return Error(ErrorCode::cancelled, "cancelled");
    return *failure_;
  }
  Status unload(ModelId model) override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(refuses_unload_, false)) return Error(ErrorCode::overloaded, "another program uses it");
    if (users[model] > 0) wrong_ = "unloaded in use";
    if (!std::exchange(there_[model], false)) wrong_ = "unloaded, and not there";
    --loaded_;
    changed_.notify_all();
    return Done{};
  }

  void close_gate() { set(gate_closed_, true); }
  void open_gate() { set(gate_closed_, false); }
  void fail_with(std::optional<Error> failure) { set(failure_, std::move(failure)); }
  void refuse_next_unload() { set(refuses_unload_, true); }
  void limit_to(int most) { set(most_, most); }
  void wait_for_loads(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return loads_ >= count; });
  }
  void wait_until_none_is_there() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return loaded_ == 0; });
  }
  bool there(ModelId model) {
    const std::lock_guard lock(mutex_);
    return there_[model];
  }
  int loads() {
    const std::lock_guard lock(mutex_);
    return loads_;
  }
  std::string wrong() {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

  std::array<std::atomic<int>, 8> users{};

 private:
  template <class T, class U>
  void set(T& what, U to) {
    const std::lock_guard lock(mutex_);
    what = std::move(to);
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<bool, 8> there_{};
  int loaded_ = 0, loads_ = 0, most_ = 8;
  bool gate_closed_ = false, refuses_unload_ = false;
  std::optional<Error> failure_;
  std::string wrong_;
};

struct Scene {
  explicit Scene(const Schedule::Limits& limits = {}, Schedule::Clock::duration patience = 1h)
      : policy(patience), scheduler(limits, policy, loader, timer) {}

  Result<ModelLease> acquire(Scheduler::ModelId model, std::chrono::milliseconds limit = kPatient,
                             std::stop_token stop = {}) {
    return scheduler.acquire(model, limit, std::move(stop));
  }

  Timer timer;
  FakeLoader loader;
  const models::Batching policy;
  Scheduler scheduler;
};

}  // namespace

TEST_CASE("however many ask for a model, it is loaded once, and stays while it is used", "[scheduler]") {
  Scene scene({.max_instances = 1});
  const auto a = scene.scheduler.add({.name = "A"}), b = scene.scheduler.add({.name = "B"});
  scene.loader.close_gate();
  std::vector<std::thread> callers;
  std::atomic<int> served = 0;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      if (const auto lease = scene.acquire(a)) ++served;
    });
  scene.loader.wait_for_loads(1);
  scene.loader.open_gate();
  for (std::thread& each : callers) each.join();
  CHECK(served == 8);
  CHECK(scene.loader.loads() == 1);
  std::optional<Result<ModelLease>> held(scene.acquire(a));
  REQUIRE(*held);
  std::thread other([&] { CHECK(scene.acquire(b)); });
  CHECK(scene.acquire(b, 1ms).error().code == ErrorCode::timeout);
  CHECK(scene.loader.there(a));
  held.reset();
  other.join();
  CHECK_FALSE(scene.loader.there(a));
  CHECK(scene.scheduler.switches().size() == 3);
  CHECK(scene.scheduler.switches()[1].reason == "'B' needs its place");
  CHECK(scene.loader.wrong().empty());
}

TEST_CASE("a load that nobody waits for any more is cancelled", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A"});
  scene.loader.close_gate();
  std::stop_source stop;
  std::thread caller(
      [&] { CHECK(scene.acquire(a, kPatient, stop.get_token()).error().code == ErrorCode::cancelled); });
  scene.loader.wait_for_loads(1);
  stop.request_stop();
  caller.join();
  scene.loader.wait_until_none_is_there();
  scene.loader.open_gate();
  CHECK(scene.acquire(a));
}

TEST_CASE("a load that fails fails for all that wait, and is tried again for the next", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A"});
  scene.loader.fail_with(Error(ErrorCode::protocol, "no such tensor"));
  CHECK(scene.acquire(a).error().message == "no such tensor");
  scene.loader.fail_with(std::nullopt);
  CHECK(scene.acquire(a));
}

TEST_CASE("what can't ever fit is refused at once, with the numbers", "[scheduler]") {
  Scene scene({.ram = 16LL << 30});
  const auto big = scene.scheduler.add({.name = "big", .needs = MemoryBytes{40LL << 30, 0}});
  const Error error = scene.acquire(big).error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK(error.message == "'big' needs 40.0 GiB of RAM, and at most 16.0 GiB can be free for it");
  CHECK(error.detail ==
        Value::object(
            {{"required", std::int64_t{40} << 30}, {"available", std::int64_t{16} << 30}, {"name", "big"}}));
}

TEST_CASE("an idle model leaves after its ttl", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A", .ttl = 1ms});
  { CHECK(scene.acquire(a)); }
  scene.loader.wait_until_none_is_there();
  CHECK(scene.loader.wrong().empty());
}

TEST_CASE("who asked for an unload runs it, once the last lease has ended", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A"});
  std::optional<Result<ModelLease>> lease(scene.acquire(a));
  std::atomic<bool> unloaded = false;
  std::thread::id on;
  std::thread caller([&] {
    const auto unload = [&] {
      unloaded = true;
      on = std::this_thread::get_id();
      return scene.loader.unload(a);
    };
    CHECK(scene.scheduler.unload_here(a, {}, unload));
  });
  while (scene.scheduler.enter(a)) std::this_thread::yield();  // new requests wait for its return
  CHECK_FALSE(unloaded);
  const std::thread::id caller_id = caller.get_id();
  lease.reset();
  caller.join();
  CHECK(unloaded);
  CHECK(on == caller_id);
  CHECK_FALSE(scene.loader.there(a));
  CHECK(scene.acquire(a));
  CHECK(scene.loader.wrong().empty());
}

TEST_CASE("an unload that is not wanted any more leaves the model to its users", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A"});
  const Result<ModelLease> lease = scene.acquire(a);
  std::stop_source stop;
  std::optional<Status> done;
  std::thread caller([&] {
    done.emplace(scene.scheduler.unload_here(a, stop.get_token(), [&] { return scene.loader.unload(a); }));
  });
  while (scene.scheduler.enter(a)) std::this_thread::yield();
  stop.request_stop();
  caller.join();
  CHECK(done->error().code == ErrorCode::cancelled);
  CHECK(scene.loader.there(a));
  CHECK(scene.scheduler.enter(a));
}

TEST_CASE("what is not in memory is unloaded at once, by whoever asked", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A"});
  const Status done = scene.scheduler.unload_here(
      a, {}, [] { return Status(Error(ErrorCode::model_not_found, "not there")); });
  CHECK(done.error().message == "not there");
}

TEST_CASE("who asked for a load runs it when there is room, and others wait for the same one",
          "[scheduler]") {
  Scene scene({.max_instances = 1});
  const auto a = scene.scheduler.add({.name = "A"}), b = scene.scheduler.add({.name = "B"});
  std::optional<Result<ModelLease>> lease(scene.acquire(a));
  std::atomic<int> loads = 0;
  const auto load = [&]() -> Result<models::ModelLoader::Loaded> {
    ++loads;
    return scene.loader.load(b, {});
  };
  std::thread caller([&] { CHECK(scene.scheduler.load_here(b, {}, load)); });
  while (scene.scheduler.facts(b).waiting == 0) std::this_thread::yield();
  CHECK(loads == 0);
  lease.reset();
  caller.join();
  CHECK(loads == 1);
  CHECK(scene.scheduler.enter(b));
  CHECK(scene.scheduler.load_here(b, {}, load));
  CHECK(loads == 1);  // it was in memory
  CHECK(scene.loader.wrong().empty());
}

TEST_CASE("a load that its own caller gives up fails for it alone", "[scheduler]") {
  Scene scene;
  const auto a = scene.scheduler.add({.name = "A"});
  scene.loader.close_gate();
  std::stop_source stop;
  std::optional<Status> done;
  std::thread caller([&] {
    done.emplace(scene.scheduler.load_here(a, stop.get_token(),
                                           [&] { return scene.loader.load(a, stop.get_token()); }));
  });
  scene.loader.wait_for_loads(1);
  std::thread other([&] { CHECK(scene.acquire(a)); });
  while (scene.scheduler.facts(a).waiting < 2) std::this_thread::yield();
  stop.request_stop();
  caller.join();
  scene.loader.open_gate();
  other.join();
  CHECK(done->error().code == ErrorCode::cancelled);
  CHECK(scene.loader.loads() == 2);
  CHECK(scene.loader.wrong().empty());
}

TEST_CASE("who needs the place of others is told which were unloaded, once each", "[scheduler]") {
  struct Asker final : Scheduler::Waiter {
    void ready(Result<ModelLease> lease) override { answer.set_value(std::move(lease)); }
    std::promise<Result<ModelLease>> answer;
  };
  Scene scene({.max_instances = 2});
  const auto a = scene.scheduler.add({.name = "A"}), b = scene.scheduler.add({.name = "B"});
  const auto c = scene.scheduler.add({.name = "C"});
  REQUIRE(scene.acquire(a));
  REQUIRE(scene.acquire(b));
  scene.scheduler.set_limits({.max_instances = 1});  // one leaves for nobody
  while (scene.loader.there(a)) std::this_thread::yield();
  scene.loader.refuse_next_unload();  // the first attempt displaces nothing
  Asker first, second;
  REQUIRE_FALSE(scene.scheduler.acquire(c, kPatient, first));
  REQUIRE_FALSE(scene.scheduler.acquire(c, kPatient, second));
  CHECK(first.answer.get_future().get());
  CHECK(second.answer.get_future().get());
  CHECK(first.displaced() == std::vector<Scheduler::ModelId>{b});
  CHECK(second.displaced().empty());
  CHECK(scene.loader.there(c));
}

TEST_CASE("a model that keeps its place for a moment leaves it then, though nothing else happens",
          "[scheduler]") {
  class Lingering final : public models::SwitchPolicy {
   public:
    bool admits(const Entry&) const override { return true; }
    bool leaves_before(const Resident& a, const Resident& b) const override {
      return a.last_used < b.last_used;
    }
    Clock::duration lingers(Clock::duration) const override { return 1ms; }
  };
  Timer timer;
  FakeLoader loader;
  const Lingering policy;
  Scheduler scheduler({.max_instances = 1}, policy, loader, timer);
  const auto a = scheduler.add({.name = "A"}), b = scheduler.add({.name = "B"});
  std::optional<Result<ModelLease>> lease(scheduler.acquire(a, kPatient, {}));
  std::thread other([&] { CHECK(scheduler.acquire(b, kPatient, {})); });
  while (scheduler.facts(b).waiting == 0) std::this_thread::yield();
  lease.reset();
  other.join();
  CHECK(loader.wrong().empty());
}

TEST_CASE("sixteen threads share a memory for three of eight models", "[scheduler]") {
  Scene scene({.max_instances = 3}, 1ms);
  scene.loader.limit_to(3);
  std::array<Scheduler::ModelId, 8> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = scene.scheduler.add({.name = std::to_string(i)});
  std::atomic<int> absent = 0, failed = 0;
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 16; ++caller)
    callers.emplace_back([&, caller] {
      for (std::size_t turn = 0; turn < 100; ++turn) {
        const Scheduler::ModelId model = all[(caller * 7 + turn * turn) % all.size()];
        const auto limit = turn % 17 == 0 ? 0ms : kPatient;
        const auto lease = scene.acquire(model, limit);
        if (!lease) {
          if (lease.error().code != ErrorCode::timeout) ++failed;
          continue;
        }
        ++scene.loader.users[model];
        if (!scene.loader.there(model)) ++absent;
        --scene.loader.users[model];
      }
    });
  for (std::thread& each : callers) each.join();
  CHECK(absent == 0);
  CHECK(failed == 0);
  CHECK(scene.loader.wrong().empty());
}
