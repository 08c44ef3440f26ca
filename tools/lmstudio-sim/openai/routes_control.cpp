// SPDX-License-Identifier: MIT
#include "openai/routes.hpp"

namespace lmstudio_sim {

namespace {

void refuse(Exchange& exchange, const Problem& problem) {
  exchange.send_json(400, JsonValue::object({{"error", problem.message}}));
}

// The body is YAML, and so may be JSON, with `replies`, `faults` and `hold` that replace the current ones.
void replace_rules(SimulatorState& simulator, Exchange& exchange) {
  auto read = parse_response_rules(exchange.body());
  if (const auto* problem = std::get_if<Problem>(&read)) return refuse(exchange, *problem);
  auto& rules = std::get<ResponseRules>(read);
  if (const auto key = unknown_key(rules.hold, simulator.script.models))
    return refuse(exchange, {"'hold': there is no model '" + *key + "'", ""});
  simulator.loaded_models.hold(rules.hold);
  simulator.responses.replace(std::move(rules));
  exchange.send_json(200, JsonValue::object({{"replaced", true}}));
}

// The body has `for`: as if nobody had used the models for so long.
void pass_time(SimulatorState& simulator, Exchange& exchange) {
  const auto read = parse_idle_time(exchange.body());
  if (const auto* problem = std::get_if<Problem>(&read)) return refuse(exchange, *problem);
  simulator.loaded_models.age(std::get<std::chrono::milliseconds>(read));
  exchange.send_json(200, JsonValue::object({{"passed", true}}));
}

JsonValue entry(const Instance& instance) {
  return JsonValue::object(
      {{"id", instance.id},
       {"key", instance.key},
       {"ready", instance.ready()},
       {"jit", instance.jit},
       {"expired", instance.expired},
       {"ttl_ms", instance.ttl ? JsonValue(std::int64_t{instance.ttl->count()}) : JsonValue()},
       {"context_length", instance.context_length},
       {"settings", instance.settings}});
}

// An address, or a name without a dot, which nobody can register.
bool is_local_name(const std::string& host) {
  return host.starts_with('[') || host.find('.') == std::string::npos ||
         host.find_first_not_of("0123456789.") == std::string::npos;
}

// A page that someone has open in a browser here may send requests to this machine: it has an origin of its
// own, or a name of its own for this address.
bool is_of_foreign_page(const Exchange& exchange) {
  const std::string origin = exchange.header("Origin"), host = exchange.header("Host");
  const std::string name = host.starts_with('[') ? host : host.substr(0, host.find(':'));
  return !is_local_name(name) || (!origin.empty() && origin != "http://" + host);
}

}  // namespace

void control(SimulatorState& simulator, Exchange& exchange) {
  if (is_of_foreign_page(exchange))
    return exchange.send_json(403,
                              JsonValue::object({{"error", "A web page of another origin can't use this"}}));
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
  if (exchange.path() == "/__sim/idle" && exchange.method() == "POST") return pass_time(simulator, exchange);
  exchange.send_json(
      404, JsonValue::object(
               {{"error",
                 "Available: GET /__sim/state, POST /__sim/script, POST /__sim/idle, POST /__sim/reset"}}));
}

}  // namespace lmstudio_sim
