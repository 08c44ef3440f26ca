// SPDX-License-Identifier: MIT
#include "plugins/name_resolver.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma;
using plugins::HostNameResolver;

namespace {

using Addresses = HostNameResolver::Addresses;

// Counts the look-ups that run, and lets them go on when the test says so.
class Gate {
 public:
  HostNameResolver::LookUp look_up() {
    return [state = state_](const std::string& host, std::uint16_t) -> Result<Addresses> {
      std::unique_lock lock(state->mutex);
      ++state->begun[host];
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return state->open; });
      return Addresses{"address of " + host};
    };
  }
  // Until that many have begun.
  void wait_for(std::size_t hosts) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->begun.size() == hosts; });
  }
  void open() {
    const std::lock_guard lock(state_->mutex);
    state_->open = true;
    state_->changed.notify_all();
  }
  std::map<std::string, int> begun() const {
    const std::lock_guard lock(state_->mutex);
    return state_->begun;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, int> begun;
    bool open = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// A look-up, and its end.
class Asked {
 public:
  Asked(NameResolver& resolver, const std::string& host)
      : lookup_(resolver
                    .start(
                        host, 80, [](void* self) { static_cast<Asked*>(self)->finished_.set_value(); }, this)
                    .value()) {}
  Result<Addresses> wait() {
    finished_.get_future().wait();
    return lookup_->take();
  }
  bool done() const { return lookup_->done(); }
  void abandon() { lookup_.reset(); }

 private:
  std::promise<void> finished_;
  std::unique_ptr<NameLookup> lookup_;
};

}  // namespace

TEST_CASE("equal look-ups that are under way are one", "[names]") {
  Gate gate;
  HostNameResolver resolver(gate.look_up());
  Asked first(resolver, "a");
  gate.wait_for(1);
  Asked second(resolver, "a");
  Asked third(resolver, "b");
  gate.wait_for(2);
  gate.open();
  CHECK(first.wait().value() == Addresses{"address of a"});
  CHECK(second.wait().value() == Addresses{"address of a"});
  CHECK(third.wait().value() == Addresses{"address of b"});
  CHECK(gate.begun() == std::map<std::string, int>{{"a", 1}, {"b", 1}});
}

TEST_CASE("a name is looked up again once its answer was given", "[names]") {
  Gate gate;
  gate.open();
  HostNameResolver resolver(gate.look_up());
  for (int i = 0; i < 3; ++i) CHECK(Asked(resolver, "a").wait());
  CHECK(gate.begun()["a"] == 3);
}

TEST_CASE("so many look-ups run at a time, and what nobody waits for any more never begins", "[names]") {
  Gate gate;
  HostNameResolver resolver(gate.look_up(), 2);
  Asked a(resolver, "a");
  Asked b(resolver, "b");
  gate.wait_for(2);
  Asked c(resolver, "c");
  Asked d(resolver, "d");
  CHECK_FALSE(c.done());
  c.abandon();
  gate.open();
  CHECK(d.wait());
  CHECK(gate.begun() == std::map<std::string, int>{{"a", 1}, {"b", 1}, {"d", 1}});
}

TEST_CASE("the answer that nobody waits for is dropped, and the resolver does not wait for it", "[names]") {
  Gate gate;
  {
    HostNameResolver resolver(gate.look_up(), 1);
    Asked a(resolver, "a");
    gate.wait_for(1);
    a.abandon();
    Asked b(resolver, "b");
  }
  gate.open();
}

TEST_CASE("an unknown host is unreachable by name", "[names]") {
  HostNameResolver resolver;
  const auto found = Asked(resolver, "no-such-host.invalid").wait();
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::unreachable);
  CHECK_THAT(found.error().message, testing::ContainsSubstring("host 'no-such-host.invalid' is not known ("));
}

TEST_CASE("localhost has an address", "[names]") {
  HostNameResolver resolver;
  const auto found = Asked(resolver, "localhost").wait();
  REQUIRE(found);
  CHECK_FALSE(found->empty());
}
