// SPDX-License-Identifier: MIT
// Connections that a real Node.js server, as LM Studio's is, keeps for a while and then closes.
#include <atomic>
#include <chrono>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "protocol/recording_sink.hpp"
#include "protocol/test_host.hpp"
#include "real/node_server.hpp"
#include "support/async_chat.hpp"
#include "support/catch.hpp"
#include "tachikoma/plugin_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int kGaps = 1000;

struct Idleness {
  std::string manner;  // how the server says how long it keeps a connection
  Milliseconds kept;   // how long that is
  Milliseconds least;  // the gaps
  Milliseconds most;
  int lanes;  // callers side by side, each with a provider of its own
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
void run_lane(int lane, int port, Driver driver, const Idleness& idleness, Seen& seen) {
  PluginRegistry plugins({}, [&](Severity, std::string_view, std::string_view text) {
    seen.replaced += text.find("was sent again") != std::string_view::npos;
  });
  const Value settings = Value::object({{"base_url", "http://127.0.0.1:" + std::to_string(port)}});
  const auto provider = plugins.make_provider("openai", settings, "node").value();
  std::mt19937 random(static_cast<unsigned>(lane));
  std::uniform_int_distribution<long> gap(idleness.least.count(), idleness.most.count());
  for (int i = 0; i <= kGaps / idleness.lanes; ++i) {
    TestCancellation cancellation;
    RecordingSink sink;
    const auto outcome = chat(*provider, driver, {.model = "m"}, sink, {cancellation, "1"});
    seen.count(sink.text);
    if (!outcome && ++seen.failures == 1) {
      const std::lock_guard lock(seen.mutex);
      seen.failure = outcome.error().message;
    }
    std::this_thread::sleep_for(Milliseconds(gap(random)));  // the idle gap is what is tested
  }
}

}  // namespace

TEST_CASE("no request is lost in 1,000 idle gaps around a Node server's keep-alive time-out", "[node]") {
  if (!has_node()) {
    WARN("SKIPPED: no node here");
    return;
  }
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Idleness idleness =
      GENERATE(Idleness{"silent", Milliseconds(100), Milliseconds(60), Milliseconds(140), 20},
               Idleness{"announced", Milliseconds(2000), Milliseconds(500), Milliseconds(2500), 100});
  NodeServer server("keep-alive-server.js", {idleness.manner, std::to_string(idleness.kept.count())});
  Seen seen;
  std::vector<std::thread> lanes;
  for (int lane = 0; lane < idleness.lanes; ++lane)
    lanes.emplace_back([&, lane] { run_lane(lane, server.port(), driver, idleness, seen); });
  for (std::thread& lane : lanes) lane.join();
  INFO(driver << ", " << idleness.manner << ": " << seen.requests << " requests over " << seen.connections
              << " connections, " << seen.replaced << " sent again");
  INFO(seen.failure);
  CHECK(seen.failures == 0);
  CHECK(seen.requests >= kGaps);
  // some connections were used again, and some had been closed
  CHECK(seen.connections < seen.requests);
  CHECK(seen.connections > idleness.lanes);
}
