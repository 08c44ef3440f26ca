// SPDX-License-Identifier: MIT
#include "unit/config/schemas.hpp"

#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/nearest.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {
namespace {

constexpr std::string_view kEcho = R"({
  "type": "object",
  "properties": {
    "models": {"type": "array", "items": {"type": "string"}},
    "delay": {"type": "string", "format": "duration"},
    "reasoning": {"type": "string"}
  }
})";
constexpr std::string_view kEchoMonitor = R"({
  "type": "object",
  "properties": {"file": {"type": "string", "format": "path"}},
  "required": ["file"]
})";

// The one that the plugin brings.
const Value& own_schema(const std::string& plugin) {
  static std::map<std::string, Value> read;  // once: hundreds of checks begin with them
  const auto [schema, missing] = read.try_emplace(plugin);
  if (missing)
    schema->second =
        base::parse_json(read_file(TACHIKOMA_SOURCE_DIR "/plugins/" + plugin + "/schema.json")).value();
  return schema->second;
}

}  // namespace

FakeSchemas::FakeSchemas() {
  for (const char* plugin : {"openai", "lmstudio", "llamacpp"})
    report(std::string("provider:") + plugin, own_schema(plugin));
  add("provider:echo", kEcho);
  add("monitor:echo", kEchoMonitor);
  reports_["tool:echo"] = PluginReport{.name = "echo"};
}

void FakeSchemas::add(const std::string& component, std::string_view schema) {
  report(component, base::parse_json(schema).value());
}

void FakeSchemas::report(const std::string& component, Value schema) {
  PluginReport report;
  report.name = component.substr(component.find(':') + 1);
  report.config_schema = Value::object({{component, std::move(schema)}});
  reports_[component] = std::move(report);
}

void FakeSchemas::refuse(const std::string& component, Error why) {
  reports_[component] =
      PluginReport{.name = component.substr(component.find(':') + 1), .refused = std::move(why)};
}

Result<PluginReport> FakeSchemas::find(std::string_view kind, std::string_view id) {
  const auto found = reports_.find(std::string(kind) + ":" + std::string(id));
  if (found != reports_.end()) return found->second;
  std::vector<std::string> ids;
  for (const auto& [component, report] : reports_)
    if (component.starts_with(std::string(kind) + ":")) ids.push_back(component.substr(kind.size() + 1));
  return Error(ErrorCode::plugin_refused,
               "no plugin provides the " + std::string(kind) + " '" + std::string(id) + "'",
               base::did_you_mean(base::nearest(id, ids)));
}

Result<Config> check(std::string_view text, const std::string& name) {
  FakeSchemas schemas;
  return config::check_text(text, name, schemas);
}

std::string fault(std::string_view text, const std::string& name) {
  const Result<Config> result = check(text, name);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::config_invalid);
  return result.error().message;
}

}  // namespace tachikoma::testing
