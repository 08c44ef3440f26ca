// SPDX-License-Identifier: MIT
#include "openai/routes.hpp"

namespace lmstudio_sim {

void greeting(Call& call) { call.exchange.send_json(200, JsonValue::object({{"lmstudio", true}})); }

void status(Call& call) {
  call.exchange.send_json(
      200, JsonValue::object({{"package", "lmstudio-sim"}, {"version", call.simulator.script.version}}));
}

void unexpected_endpoint(Exchange& exchange) {
  exchange.send_json(
      200, JsonValue::object({{"error", "Unexpected endpoint or method. (" + exchange.method() + " " +
                                            exchange.path() + ")"}}));
}

}  // namespace lmstudio_sim
