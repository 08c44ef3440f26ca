// SPDX-License-Identifier: MIT
#include "document/studio.hpp"

#include <strings.h>
#include <utility>

namespace tachikoma::testing {
namespace {

Runtime open(const Simulator& simulator, Settings settings) {
  settings.base_url = simulator.base_url() + "/v1";
  return Runtime::with(std::move(settings)).value();
}

}  // namespace

Studio::Studio(const std::string& script, Settings settings)
    : simulator(script), runtime(open(simulator, std::move(settings))) {}

Value Studio::last_chat() const { return testing::last_chat(simulator); }

Value last_chat(const Simulator& simulator) {
  const Value state = simulator.state();
  Value last;
  for (const Value& request : state["requests"].elements())
    if (request["path"].as_string().ends_with("/chat/completions")) last = request;
  return last;
}

Value last_load(const Simulator& simulator) {
  const Value state = simulator.state();
  Value last;
  for (const Value& request : state["requests"].elements())
    if (request["path"].as_string() == "/llm/loadModel") last = request["body"];
  return last;
}

Value load_fields(const Simulator& simulator) {
  const Value load = last_load(simulator);
  Value fields = Value::object();
  for (const Value& layer : load["loadConfigStack"]["layers"].elements())
    for (const Value& field : layer["config"]["fields"].elements())
      fields.set(field["key"].as_string(), field["value"]);
  return fields;
}

std::string header(const Value& request, std::string name) {
  for (const Member& member : request["headers"].members())
    if (strcasecmp(member.key.c_str(), name.c_str()) == 0) return std::string(member.value.as_string());
  return {};
}

}  // namespace tachikoma::testing
