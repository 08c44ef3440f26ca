// SPDX-License-Identifier: MIT
#include "openai/routes.hpp"

namespace lmstudio_sim {

namespace {

// The body is YAML, and so may be JSON, with `replies` and `faults` that replace the current ones.
void replace_rules(SimulatorState& simulator, Exchange& exchange) {
  auto read = parse_response_rules(exchange.body());
  if (const auto* problem = std::get_if<Problem>(&read))
    return exchange.send_json(400, JsonValue::object({{"error", problem->message}}));
  simulator.responses.replace(std::get<ResponseRules>(std::move(read)));
  exchange.send_json(200, JsonValue::object({{"replaced", true}}));
}

JsonValue entry(const Instance& instance) {
  return JsonValue::object(
      {{"id", instance.id},
       {"key", instance.key},
       {"ready", instance.ready()},
       {"jit", instance.jit},
       {"ttl_ms", instance.ttl ? JsonValue(std::int64_t{instance.ttl->count()}) : JsonValue()},
       {"context_length", instance.context_length},
       {"settings", instance.settings}});
}

}  // namespace

void control(SimulatorState& simulator, Exchange& exchange) {
  if (exchange.path() == "/__sim/state" && exchange.method() == "GET") {
    JsonValue state = simulator.journal.state();
    JsonValue loaded = JsonValue::array(), instances = JsonValue::array();
    for (const Instance& instance : simulator.loaded_models.instances()) {
      if (instance.ready()) loaded.push_back(instance.id);
      instances.push_back(entry(instance));
    }
    state.set("loaded", std::move(loaded));
    state.set("instances", std::move(instances));
    state.set("http_port", simulator.http ? simulator.http->port() : 0);
    return exchange.send_json(200, state);
  }
  if (exchange.path() == "/__sim/reset" && exchange.method() == "POST") {
    simulator.journal.reset();
    simulator.responses.reset();
    simulator.conversations.reset();
    simulator.uploads.reset();
    simulator.loaded_models.reset();
    simulator.library.reset();
    simulator.clients.reset();
    return exchange.send_json(200, JsonValue::object({{"reset", true}}));
  }
  if (exchange.path() == "/__sim/script" && exchange.method() == "POST")
    return replace_rules(simulator, exchange);
  exchange.send_json(
      404,
      JsonValue::object({{"error", "Available: GET /__sim/state, POST /__sim/script, POST /__sim/reset"}}));
}

}  // namespace lmstudio_sim
