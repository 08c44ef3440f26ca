// SPDX-License-Identifier: MIT
#include <future>

#include "calls/backoff.hpp"
#include "calls/limiter.hpp"
#include "calls/servers.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"

using namespace tachikoma;
using namespace tachikoma::calls;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using Clock = Timer::Clock;

Error overloaded(std::int64_t retry_after_ms = -1) {
  Error error(ErrorCode::overloaded, "busy");
  if (retry_after_ms >= 0) error.detail = Value::object({{"retry_after_ms", retry_after_ms}});
  return error;
}

/// Three servers that exist in name only.
struct NamedServers {
  Timer timer;
  Servers all{{{std::make_shared<FakeProvider>(), "a"},
               {std::make_shared<FakeProvider>(), "b"},
               {std::make_shared<FakeProvider>(), "c"}},
              10s,
              {},
              timer};
  Clock::time_point now = Clock::now();
  std::vector<const Server*> none;

  ServerLease lease() { return *all.lease(none, now); }
  // The servers that the next `count` calls go to, all at a time.
  std::string next(int count) {
    std::vector<ServerLease> leases;
    std::string urls;
    for (int i = 0; i < count; ++i) urls += leases.emplace_back(lease()).server().url();
    return urls;
  }
  void eject(std::string_view url) {
    std::vector<ServerLease> others;
    for (;;) {
      others.push_back(lease());
      if (others.back().server().url() == url) break;
    }
    CHECK(others.back().end(Verdict::unreachable, now));
  }
};

struct Queued final : Limiter::Waiter {
  bool told = false;
  void granted() override { told = true; }
};

}  // namespace

TEST_CASE("the pause before a retry doubles, up to its limit, and is spread", "[policy]") {
  const RetryPolicy policy{.attempts = 100, .backoff = 100ms, .max_backoff = 1s};
  CHECK(wait_before_retry(policy, 1, overloaded(), 1) == 100ms);
  CHECK(wait_before_retry(policy, 2, overloaded(), 1) == 200ms);
  CHECK(wait_before_retry(policy, 3, overloaded(), 0.5) == 200ms);
  CHECK(wait_before_retry(policy, 3, overloaded(), 0) == 0ms);
  CHECK(wait_before_retry(policy, 99, overloaded(), 1) == 1s);
}

TEST_CASE("a server's own wish is honoured, unless it is too long to wait for", "[policy]") {
  const RetryPolicy policy{.attempts = 3, .backoff = 100ms, .max_backoff = 1s};
  CHECK(wait_before_retry(policy, 1, overloaded(700), 0.1) == 700ms);
  CHECK(wait_before_retry(policy, 1, overloaded(0), 0.9) == 0ms);
  CHECK(wait_before_retry(policy, 1, overloaded(1001), 0.1) == std::nullopt);
}

TEST_CASE("nothing is retried that would fail again, or often enough", "[policy]") {
  const RetryPolicy policy{.attempts = 3};
  CHECK(wait_before_retry(policy, 2, overloaded(), 1));
  CHECK(!wait_before_retry(policy, 3, overloaded(), 1));
  CHECK(!wait_before_retry(policy, 1, Error(ErrorCode::unauthenticated, "no"), 1));
}

TEST_CASE("another model may help where this one is missing, too large or too slow", "[policy]") {
  const auto timeout = [](const char* clock) {
    return Error(ErrorCode::timeout, "late", "", Value::object({{"clock", clock}}));
  };
  for (const ErrorCode code :
       {ErrorCode::unreachable, ErrorCode::model_not_found, ErrorCode::model_mismatch, ErrorCode::model_lost,
        ErrorCode::insufficient_memory, ErrorCode::overloaded, ErrorCode::rate_limited})
    CHECK(may_fall_back(Error(code, "x")));
  CHECK(may_fall_back(timeout("first_token")));
  CHECK(!may_fall_back(timeout("total")));
  for (const ErrorCode code : {ErrorCode::invalid_argument, ErrorCode::unauthenticated, ErrorCode::cancelled,
                               ErrorCode::context_too_long, ErrorCode::plugin_fault})
    CHECK(!may_fall_back(Error(code, "x")));
}

TEST_CASE("the server with the fewest calls is asked", "[policy]") {
  NamedServers servers;
  CHECK(servers.next(4) == "abca");
  const ServerLease first = servers.lease();
  CHECK(servers.next(3) == "bca");
}

TEST_CASE("a repetition goes to another server, as long as there is one", "[policy]") {
  NamedServers servers;
  std::vector<const Server*> tried;
  for (const char* url : {"a", "b", "c"}) {
    const ServerLease lease = *servers.all.lease(tried, servers.now);
    CHECK(lease.server().url() == url);
    tried.push_back(&lease.server());
  }
  CHECK(!servers.all.lease(tried, servers.now));
}

TEST_CASE("a server that can't be reached is left out, then asked by one call at a time until it answers",
          "[policy]") {
  NamedServers servers;
  servers.eject("b");
  CHECK(servers.next(4) == "acac");
  servers.now += 10s;
  {
    ServerLease probe = *servers.all.lease({&servers.all.first()}, servers.now);
    CHECK(probe.server().url() == "b");
    CHECK(servers.next(4) == "acac");
    CHECK(!probe.end(Verdict::unreachable, servers.now));  // no news
  }
  CHECK(servers.next(2) == "ac");
  servers.now += 10s;
  {
    ServerLease probe = *servers.all.lease({&servers.all.first()}, servers.now);
    CHECK(probe.server().url() == "b");
    probe.end(Verdict::reached, servers.now);
  }
  CHECK(servers.next(4) == "abca");
}

TEST_CASE("a call that was cancelled says nothing about its server", "[policy]") {
  NamedServers servers;
  { const ServerLease left = servers.lease(); }
  CHECK(servers.next(3) == "abc");
}

TEST_CASE("when all servers are left out, the one that has been for the longest is asked", "[policy]") {
  NamedServers servers;
  for (const char* url : {"b", "a", "c"}) {
    servers.eject(url);
    servers.now += 1s;
  }
  CHECK(servers.next(1) == "b");
}

TEST_CASE("a rate is even, with a burst of a tenth of a minute's calls", "[policy]") {
  RequestRate rate(60);
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < 6; ++i) {
    CHECK(rate.ready_at() <= start);
    rate.take(start);
  }
  CHECK(rate.ready_at() == start + 1s);
  rate.take(start + 1s);
  CHECK(rate.ready_at() == start + 2s);
  rate.take(start + 1min);
  CHECK(rate.ready_at() <= start + 1min);  // it was idle: the burst is there again
}

TEST_CASE("calls beyond the limit wait in line, and who leaves the line is passed over", "[policy]") {
  Timer timer;
  Limiter limiter({.concurrency = 2}, timer);
  Queued a, b, c, d, e;
  CHECK(limiter.enter(a));
  CHECK(limiter.enter(b));
  CHECK(!limiter.enter(c));
  CHECK(!limiter.enter(d));
  CHECK(!limiter.enter(e));
  CHECK(limiter.withdraw(c));
  CHECK(!limiter.withdraw(a));
  limiter.leave();
  CHECK((!c.told && d.told && !e.told));
  CHECK(!limiter.withdraw(d));
  limiter.leave();
  CHECK(e.told);
}

TEST_CASE("who waits for the rate is let through when it is time", "[policy]") {
  struct Waiting final : Limiter::Waiter {
    std::promise<void> turn;
    void granted() override { turn.set_value(); }
  };
  Timer timer;
  Limiter limiter({.requests_per_minute = 6000}, timer);  // a burst of 600, then every 10 ms
  Queued quick;
  for (int i = 0; i < 600; ++i) CHECK(limiter.enter(quick));
  Waiting first, second;
  CHECK(!limiter.enter(first));
  CHECK(!limiter.enter(second));
  first.turn.get_future().wait();
  second.turn.get_future().wait();
}
