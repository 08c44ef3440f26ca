// SPDX-License-Identifier: MIT
// A whole plugin: a tool in this file, a provider and a monitor beside it, and the entry that names them.
#include "echo_monitor.hpp"
#include "echo_provider.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::echo {
namespace {

/// Gives back its argument `text`.
class EchoTool final : public Tool {
 public:
  EchoTool(const Value&, Host&) {}

  ToolSpec spec() override {
    const Value text = Value::object({{"type", "string"}, {"description", "What to repeat"}});
    return {.name = "echo",
            .description = "Repeats a text",
            .parameters = Value::object({{"type", "object"},
                                         {"properties", Value::object({{"text", text}})},
                                         {"required", Value::array({"text"})},
                                         {"additionalProperties", false}})};
  }

  Result<Value> call(const Value& arguments, const CallContext&) override {
    if (!arguments["text"].is_string())
      return Error(ErrorCode::invalid_argument, "tool 'echo': 'text' is not a string",
                   "pass {\"text\": \"…\"}");
    return arguments["text"];
  }
};

}  // namespace
}  // namespace tachikoma::echo

TACHIKOMA_PLUGIN(registrar) {
  using namespace tachikoma;
  if (Status added = registrar.provider("echo", echo::make_provider); !added) return added;
  if (Status added = registrar.tool("echo", make_component<Tool, echo::EchoTool>); !added) return added;
  return registrar.monitor("echo", echo::make_monitor);
}
