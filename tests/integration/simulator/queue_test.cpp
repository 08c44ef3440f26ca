// SPDX-License-Identifier: MIT
#include <memory>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kScript = R"(
models: [{key: m, loaded: true, parallel: 2}]
replies: [{when: {contains: long}, text: a b c, delay_per_token: 1h}]
)";

std::unique_ptr<RawConnection> ask(const Simulator& simulator, const char* text) {
  auto connection = std::make_unique<RawConnection>(simulator.port());
  connection->post("/v1/chat/completions", chat_body("m", text, R"(,"stream":true)"));
  return connection;
}

auto queued(std::int64_t count) {
  return [count](const Value& state) { return state["queued"].as_integer() == count; };
}

}  // namespace

TEST_CASE("A model answers so many requests at once; the others wait for their turn") {
  const Simulator simulator(kScript);
  const auto first = ask(simulator, "long"), second = ask(simulator, "long");
  first->read_until("200 OK");
  second->read_until("200 OK");
  {
    auto impatient = ask(simulator, "short");
    simulator.wait_for(queued(1));
    impatient.reset();
    simulator.wait_for(queued(0));
  }
  const auto third = ask(simulator, "short"), fourth = ask(simulator, "short");
  simulator.wait_for(queued(2));
  CHECK(http(simulator.port(), "GET", "/v1/models").status == 200);
}

TEST_CASE("Who waits is served when another ends") {
  const Simulator simulator(kScript);
  auto first = ask(simulator, "long");
  const auto second = ask(simulator, "long");
  first->read_until("200 OK");
  second->read_until("200 OK");
  const auto third = ask(simulator, "short");
  simulator.wait_for(queued(1));
  first.reset();
  CHECK_THAT(third->read_until("[DONE]"), ContainsSubstring("[DONE]"));
}
