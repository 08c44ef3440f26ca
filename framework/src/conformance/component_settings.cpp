// SPDX-License-Identifier: MIT
#include "conformance/component_settings.hpp"

#include <algorithm>
#include <utility>

#include "base/component_kinds.hpp"
#include "base/try.hpp"
#include "config/check_config.hpp"
#include "config/scalars.hpp"
#include "config/source_text.hpp"
#include "config/variables.hpp"
#include "config/yaml_document.hpp"

namespace tachikoma::conformance {
namespace {

constexpr char kGiveSettings[] = "give them with --settings FILE";

constexpr std::string_view kStandIn = "stand-in";  // a configuration has a provider

/// The plugin that is checked is the only one there is.
class OnlyPlugin final : public config::SchemaSource {
 public:
  explicit OnlyPlugin(const PluginReport& report) : report_(report) {}
  Result<PluginReport> find(std::string_view kind, std::string_view id) override {
    if (id == kStandIn) return PluginReport{};
    const std::string component = std::string(kind) + ":" + std::string(id);
    const auto& all = report_.provides;
    if (std::find(all.begin(), all.end(), component) != all.end()) return report_;
    return Error(ErrorCode::plugin_refused, "the plugin does not provide '" + component + "'");
  }

 private:
  const PluginReport& report_;
};

// As YAML 1.2 reads it. What a schema says of a number or a path is applied later.
Value value_of(const config::Node& node) {
  using Kind = config::Node::Kind;
  Value value;
  if (node.kind == Kind::list) value = Value::array();
  if (node.kind == Kind::map) value = Value::object();
  for (const config::Node& item : node.items) value.push_back(value_of(item));
  for (const config::Entry& entry : node.entries) value.set(entry.key, value_of(entry.node));
  if (node.kind == Kind::quoted) value = node.text;
  if (node.kind != Kind::plain) return value;
  const config::NumberText number = config::parse_number(node.text);
  if (config::is_core_bool(node.text)) return config::parse_bool(node.text).value_or(false);
  if (number.kind == config::NumberText::Kind::integer) return number.integer;
  if (number.kind == config::NumberText::Kind::real) return number.real;
  return node.text;
}

Result<Value> read_settings(const std::string& file) {
  TACHIKOMA_TRY(const std::string text, config::read_source(file));
  config::Problems problems(file);
  std::optional<config::Node> root = config::parse_document(text, problems);
  if (root) config::expand_variables(*root, problems);
  if (root && root->kind != config::Node::Kind::map)
    problems.add({root->at, {}, "expected a mapping of settings", {}});
  if (!problems.empty()) return problems.to_error();
  return value_of(*root);
}

// What the file has for one component.
Value part_of(const Value& given, const std::string& component) {
  const auto names_component = [](const Member& member) { return member.key.find(':') != std::string::npos; };
  if (!std::any_of(given.members().begin(), given.members().end(), names_component)) return given;
  const Value* found = given.find(component);
  return found ? *found : Value::object();
}

// As a configuration delivers them: checked, with the schema's defaults, durations and sizes as numbers.
Result<Value> delivered(const PluginReport& report, const std::string& component, const Value& given) {
  const std::size_t colon = component.find(':');
  const std::string kind = component.substr(0, colon), id = component.substr(colon + 1);
  Value entry = Value::object({{"plugin", id}});
  for (const Member& member : given.members()) entry.set(member.key, member.value);
  const auto known = std::find_if(base::kComponentKinds.begin(), base::kComponentKinds.end(),
                                  [&](const base::ComponentKind& each) { return each.name == kind; });
  Value root = Value::object({{std::string(known->section), Value::object({{id, std::move(entry)}})}});
  if (!root.find("providers"))
    root.set("providers", Value::object({{std::string(kStandIn), Value::object()}}));
  OnlyPlugin source(report);
  TACHIKOMA_TRY(const Config config,
                config::check_config(root, source, "the settings of " + spoken(component)));
  if (!config.tools.empty()) return config.tools.front().settings;
  return config.monitors.empty() ? config.providers.front().settings : config.monitors.front().settings;
}

Result<Value> sample_text(const Value& schema, const std::string& folder) {
  const std::string_view format = schema["format"].as_string();
  if (format == "path") return Value(folder + "/sample");
  if (format == "uri") return Value("http://127.0.0.1:9");  // nobody answers there
  if (format == "duration") return Value("1s");
  if (format == "size") return Value("1MB");
  return Value("sample");
}

Result<Value> sample_of_setting(const Value& schema, const std::string& name, const std::string& folder) {
  if (const Value* preset = schema.find("default")) return *preset;
  if (const Value* choice = schema.find("enum"); choice && !choice->elements().empty())
    return choice->elements().front();
  const std::string_view type = schema["type"].as_string();
  const std::int64_t least =
      std::max(schema["minimum"].as_integer(1), schema["exclusiveMinimum"].as_integer(0) + 1);
  if (type == "string") return sample_text(schema, folder);
  if (type == "integer") return Value(least);
  if (type == "number") return Value(static_cast<double>(least));
  if (type == "boolean") return Value(false);
  if (type == "array") return Value::array();
  if (type == "object") return sample_of(schema, folder);
  return Error(ErrorCode::unsupported, "no value can be made up for the setting '" + name + "'",
               kGiveSettings);
}

}  // namespace

Result<Value> sample_of(const Value& schema, const std::string& folder) {
  Value sample = Value::object();
  for (const Value& required : schema["required"].elements()) {
    const std::string name(required.as_string());
    TACHIKOMA_TRY(Value value, sample_of_setting(schema["properties"][name], name, folder));
    sample.set(name, std::move(value));
  }
  return sample;
}

Result<std::vector<ComponentSettings>> find_settings(const PluginReport& report, const std::string& file,
                                                     const std::string& folder) {
  std::vector<ComponentSettings> all;
  Value given;
  if (!file.empty()) {
    TACHIKOMA_TRY(given, read_settings(file));
  }
  for (const Member& member : given.members())
    if (member.key.find(':') != std::string::npos &&
        std::find(report.provides.begin(), report.provides.end(), member.key) == report.provides.end())
      return Error(ErrorCode::config_invalid, file + ": the plugin does not provide '" + member.key + "'",
                   "name one of its components, which `tachikoma plugin info` lists");
  for (const std::string& component : report.provides) {
    Result<Value> sample = sample_of(report.config_schema[component], folder);
    if (given.is_object()) sample = part_of(given, component);
    const bool empty = sample && sample->members().empty();
    Result<Value> settings = sample ? delivered(report, component, *sample) : std::move(sample);
    if (!settings && given.is_object()) return std::move(settings).error();
    all.push_back({component, std::move(settings), empty});
  }
  return all;
}

}  // namespace tachikoma::conformance
