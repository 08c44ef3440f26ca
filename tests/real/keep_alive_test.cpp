// SPDX-License-Identifier: MIT
// Connections that a real Node.js server, as LM Studio's is, keeps for a while and then closes.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "real/node_server.hpp"
#include "support/async_chat.hpp"
#include "support/catch.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"
#include "tachikoma/plugin_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr int kGaps = 1000;

constexpr int kLanes = 100;  // callers side by side, each with a provider of its own

struct Server {
  std::string manner;      // how it says how long it keeps a connection
  int keep_alive_timeout;  // as Node counts it, in milliseconds
  double shortest_gap;     // of the time after which it closes a connection indeed
  double longest_gap;
};

// What was seen: how many requests failed, and what the server counted.
struct Seen {
  std::atomic<int> failures = 0;
  std::atomic<int> replaced = 0;
  std::mutex mutex;
  std::string failure;
  int connections = 0;
  int requests = 0;

  void count(const std::string& answer) {
    std::istringstream in(answer);
    int so_far = 0;
    int asked = 0;
    in >> so_far >> asked;
    const std::lock_guard lock(mutex);
    connections = std::max(connections, so_far);
    requests = std::max(requests, asked);
  }
};

// One caller: asks, lets the connection idle, asks again.
void run_lane(int lane, const NodeServer& server, Driver driver, std::uniform_real_distribution<> gap,
              Seen& seen) {
  PluginRegistry plugins({}, [&](Severity, std::string_view, std::string_view text) {
    if (text.find("was sent again") != std::string_view::npos) ++seen.replaced;
  });
  const Value settings = Value::object({{"base_url", server.url()}});
  const auto provider = plugins.make_provider("openai", settings, "node").value();
  std::mt19937 random(static_cast<unsigned>(lane));
  for (int i = 0; i <= kGaps / kLanes; ++i) {
    if (i > 0)  // the idle gap is what is tested
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(gap(random)));
    TestCancellation cancellation;
    RecordingSink sink;
    const auto outcome = chat(*provider, driver, {.model = "m"}, sink, {cancellation, "1"});
    seen.count(sink.text);
    if (!outcome && ++seen.failures == 1) {
      const std::lock_guard lock(seen.mutex);
      seen.failure = outcome.error().message;
    }
  }
}

}  // namespace

TEST_CASE("no request is lost in 1,000 idle gaps around a Node server's keep-alive time-out", "[node]") {
  if (!has_node()) {
    WARN("SKIPPED: no node here");
    return;
  }
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Server kind = GENERATE(Server{"silent", 100, 0.9, 1.1}, Server{"announced", 2000, 0.2, 1.1});
  NodeServer server("keep-alive-server.js", {kind.manner, std::to_string(kind.keep_alive_timeout)});
  const double closes_after = std::stod(server.greeting());
  const std::uniform_real_distribution<> gap(kind.shortest_gap * closes_after,
                                             kind.longest_gap * closes_after);
  Seen seen;
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < kLanes; ++lane)
    lanes.emplace_back([&, lane] { run_lane(lane, server, driver, gap, seen); });
  for (std::thread& lane : lanes) lane.join();
  INFO(driver << ", " << kind.manner << ": " << seen.requests << " requests over " << seen.connections
              << " connections, " << seen.replaced << " sent again");
  INFO(seen.failure);
  CHECK(seen.failures == 0);
  CHECK(seen.requests >= kGaps);
  // some connections were used again, and some had been closed
  CHECK(seen.connections < seen.requests);
  CHECK(seen.connections > kLanes);
}
