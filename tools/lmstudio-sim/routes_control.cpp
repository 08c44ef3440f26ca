// SPDX-License-Identifier: MIT
#include "routes.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

namespace {

// The body is YAML, and so JSON too, with `replies` and `faults`, which replace the ones in play.
void deal(Simulator& simulator, Exchange& exchange) {
  tachikoma::Result<Cards> cards = parse_cards(exchange.body());
  if (!cards) return exchange.send_json(400, Value::object({{"error", cards.error().message}}));
  simulator.deck.deal(std::move(*cards));
  exchange.send_json(200, Value::object({{"dealt", true}}));
}

}  // namespace

void control(Simulator& simulator, Exchange& exchange) {
  if (exchange.path() == "/__sim/state" && exchange.method() == "GET") {
    Value state = simulator.journal.state();
    Value loaded = Value::array();
    for (const Instance& instance : simulator.world.instances())
      if (instance.ready()) loaded.push_back(instance.id);
    state.set("loaded", std::move(loaded));
    return exchange.send_json(200, state);
  }
  if (exchange.path() == "/__sim/reset" && exchange.method() == "POST") {
    simulator.journal.reset();
    simulator.deck.reset();
    simulator.conversations.reset();
    simulator.world.reset();
    return exchange.send_json(200, Value::object({{"reset", true}}));
  }
  if (exchange.path() == "/__sim/script" && exchange.method() == "POST") return deal(simulator, exchange);
  exchange.send_json(
      404,
      Value::object({{"error", "There are GET /__sim/state, POST /__sim/script and POST /__sim/reset"}}));
}

}  // namespace lmstudio_sim
