// SPDX-License-Identifier: MIT
#include "dry_run.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/generation_settings.hpp"
#include "base/lists.hpp"
#include "session.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

template <class Entries, class Name, class Wanted>
const auto* entry_of(const Entries& entries, Name name, const Wanted& value) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return each.*name == value; });
  return found == entries.end() ? nullptr : &*found;
}

void put(Value& into, const GenerationSettings& settings) {
  const Value given = base::to_value(settings);
  for (const Member& each : given.members()) into.set(each.key, each.value);
}

// What goes to the server, from the configuration and the request alone.
struct Planned {
  std::string model, address;
  Value settings = Value::object();
  std::vector<Message> messages;
};

Planned planned(const Config& config, const TextRequest& request) {
  Planned plan{.model = request.model.empty() ? config.default_model : request.model,
               .address = {},
               .messages = request.messages};
  const ModelConfig* const alias = entry_of(config.models, &ModelConfig::alias, plan.model);
  std::string provider = alias ? alias->provider : plan.model.substr(0, plan.model.find("::"));
  if (!alias && plan.model.find("::") == std::string::npos) provider.clear();
  if (provider.empty() && config.providers.size() == 1) provider = config.providers.front().id;
  if (plan.model.empty() && !provider.empty()) plan.model = address(provider, "current");
  if (alias) plan.address = address(alias->provider, alias->key.empty() ? alias->alias : alias->key);
  put(plan.settings, config.default_inference);
  if (const auto* on = entry_of(config.providers, &ProviderConfig::id, provider))
    put(plan.settings, on->inference);
  if (alias) put(plan.settings, alias->inference);
  put(plan.settings, request.settings);
  const bool has_system = entry_of(request.messages, &Message::role, Role::system);
  if (alias && !alias->system.empty() && !has_system)
    plan.messages.insert(plan.messages.begin(), system_prompt(alias->system));
  return plan;
}

std::string text_of(const Planned& plan, const std::vector<std::string>& tools, const Value& schema) {
  std::string text = "model: " + (plan.model.empty() ? "not known" : plan.model) +
                     (plan.address.empty() ? "" : " (" + plan.address + ")") + "\n";
  if (!plan.settings.members().empty()) text += "settings: " + to_json(plan.settings) + "\n";
  if (!tools.empty()) text += "tools: " + base::listed(tools) + "\n";
  if (!schema.is_null()) text += "schema: " + to_json(schema) + "\n";
  for (const Message& message : plan.messages) {
    text += "\n[" + std::string(to_string(message.role)) + "]\n" + message.text;
    if (!text.ends_with('\n')) text += "\n";
    for (const Image& image : message.images) text += "(an image: " + image.mime_type + ")\n";
  }
  return text;
}

}  // namespace

void print_request(const Runtime& runtime, const TextRequest& request, const Value& schema,
                   const Options& options, Output& output) {
  const Planned plan = planned(runtime.config(), request);
  const std::vector<std::string> tools =
      base::texts_of(request.tools.entries(), [](const ToolKit::Entry& entry) { return entry.spec.name; });
  if (!options.json) return output.print_foreign(text_of(plan, tools, schema));
  output.print_json(
      "request",
      Value::object(
          {{"model", plan.model},
           {"address", plan.address},
           {"settings", plan.settings},
           {"messages", base::array_of(plan.messages, [](const Message& each) { return to_value(each); })},
           {"tools", base::array_of(tools)},
           {"response_schema", schema}}));
}

}  // namespace tachikoma::cli
