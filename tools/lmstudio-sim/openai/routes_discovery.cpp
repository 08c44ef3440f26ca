// SPDX-License-Identifier: MIT
#include "openai/routes.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

void greeting(Call& call) { call.exchange.send_json(200, Value::object({{"lmstudio", true}})); }

void status(Call& call) {
  call.exchange.send_json(
      200, Value::object({{"package", "lmstudio-sim"}, {"version", call.simulator.script.version}}));
}

void unexpected_endpoint(Exchange& exchange) {
  exchange.send_json(200, Value::object({{"error", "Unexpected endpoint or method. (" + exchange.method() +
                                                       " " + exchange.path() + ")"}}));
}

}  // namespace lmstudio_sim
