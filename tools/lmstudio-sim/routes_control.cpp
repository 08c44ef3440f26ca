// SPDX-License-Identifier: MIT
#include "routes.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

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
    simulator.world.reset();
    return exchange.send_json(200, Value::object({{"reset", true}}));
  }
  exchange.send_json(404,
                     Value::object({{"error", "The simulator has GET /__sim/state and POST /__sim/reset"}}));
}

}  // namespace lmstudio_sim
