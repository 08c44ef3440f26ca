// SPDX-License-Identifier: MIT
#include "config/unsupported_settings.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

const Node* child(const Node* map, std::string_view key) {
  const Entry* entry = map ? map->find(key) : nullptr;
  return entry ? &entry->node : nullptr;
}

const std::vector<Entry>& entries(const Node& root, std::string_view section) {
  static const std::vector<Entry> none;
  const Node* found = child(&root, section);
  return found ? found->entries : none;
}

std::string text_of(const Node& map, std::string_view key, const std::string& otherwise) {
  const Node* found = child(&map, key);
  return found && found->is_scalar() ? found->text : otherwise;
}

bool asks_for_nothing(const Node& value) { return value.broken || !value.is_scalar() || is_off(value.text); }

// The places where a setting may stand for one provider or model, the one that counts first.
struct Layer {
  const Node* map;
  std::string where;
};

class UnsupportedCheck {
 public:
  UnsupportedCheck(const Node& root, SchemaSource& source, Problems& problems)
      : root_(root), source_(source), problems_(problems) {}

  void run() {
    const std::vector<Entry>& providers = entries(root_, "providers");
    for (const Entry& provider : providers) check(provider, {});
    for (const Entry& model : entries(root_, "models")) {
      const std::string id = text_of(model.node, "provider", providers.size() == 1 ? providers[0].key : "");
      const std::string where = dotted("models", model.key);
      for (const Entry& provider : providers)
        if (provider.key == id)
          check(provider, {{&model.node, where}, {child(&model.node, "inference"), where + ".inference"}});
    }
  }

 private:
  void check(const Entry& provider, std::vector<Layer> places) {
    const std::string plugin = text_of(provider.node, "plugin", provider.key);
    places.push_back({child(&provider.node, "inference"), dotted("providers", provider.key) + ".inference"});
    places.push_back({child(child(&root_, "defaults"), "inference"), "defaults.inference"});
    for (const Member& setting : unsupported_by(plugin).members())
      for (const Layer& place : places)
        if (const Node* value = child(place.map, setting.key)) {
          if (!asks_for_nothing(*value)) report_at(*value, place.where, setting, provider.key);
          break;
        }
  }

  const Value& unsupported_by(const std::string& plugin) {
    const auto [known, is_new] = unsupported_.try_emplace(plugin);
    if (is_new)
      if (const Result<PluginReport> report = source_.find("provider", plugin))
        known->second = report->config_schema["provider:" + plugin]["x-unsupported"];
    return known->second;
  }

  void report_at(const Node& value, const std::string& where, const Member& setting,
                 const std::string& provider) {
    const auto is_here = [&](const Problem& problem) {
      return problem.at.line == value.at.line && problem.at.column == value.at.column;
    };
    if (value.at.line && std::any_of(problems_.all().begin(), problems_.all().end(), is_here)) return;
    problems_.add({value.at, dotted(where, setting.key), "the provider '" + provider + "' can't do this",
                   std::string(setting.value.as_string())});
  }

  const Node& root_;
  SchemaSource& source_;
  Problems& problems_;
  std::map<std::string, Value> unsupported_;  // by plugin
};

}  // namespace

void check_unsupported(const Node& root, SchemaSource& source, Problems& problems) {
  UnsupportedCheck(root, source, problems).run();
}

}  // namespace tachikoma::config
