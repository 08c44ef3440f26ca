// SPDX-License-Identifier: MIT
#include "config/unsupported_settings.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
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

std::string_view text_of(const Node& map, std::string_view key, std::string_view otherwise) {
  const Node* found = child(&map, key);
  return found && found->is_scalar() ? std::string_view(found->text) : otherwise;
}

bool asks_for_nothing(const Node& value) { return value.broken || !value.is_scalar() || is_off(value.text); }

// A place where a setting may stand for one provider or model.
struct Layer {
  const Node* map;  // null: it isn't there
  std::string_view section;
  std::string_view id = {};
  std::string_view group = "inference";

  std::string where() const {
    std::string path(section);
    for (const std::string_view step : {id, group})
      if (!step.empty()) path = dotted(path, step);
    return path;
  }
};

class UnsupportedCheck {
 public:
  UnsupportedCheck(const Node& root, SchemaSource& source, Problems& problems)
      : root_(root), source_(source), problems_(problems) {}

  void run() {
    const std::vector<Entry>& providers = entries(root_, "providers");
    for (const Entry& provider : providers) check(provider, nullptr);
    for (const Entry& model : entries(root_, "models")) {
      const std::string_view id =
          text_of(model.node, "provider", providers.size() == 1 ? std::string_view(providers[0].key) : "");
      for (const Entry& provider : providers)
        if (provider.key == id) check(provider, &model);
    }
  }

 private:
  void check(const Entry& provider, const Entry* model) {
    const Node* const own = model ? &model->node : nullptr;
    const std::string_view alias = model ? std::string_view(model->key) : std::string_view();
    // the one that counts first
    const std::array<Layer, 4> places{{{own, "models", alias, {}},
                                       {child(own, "inference"), "models", alias},
                                       {child(&provider.node, "inference"), "providers", provider.key},
                                       {child(child(&root_, "defaults"), "inference"), "defaults"}}};
    for (const Member& setting : unsupported_by(text_of(provider.node, "plugin", provider.key)).members())
      for (const Layer& place : places)
        if (const Node* value = child(place.map, setting.key)) {
          if (!asks_for_nothing(*value)) report_at(*value, place.where(), setting, provider.key);
          break;
        }
  }

  const Value& unsupported_by(std::string_view plugin) {
    if (const auto known = unsupported_.find(plugin); known != unsupported_.end()) return known->second;
    Value settings;
    if (const Result<PluginReport> report = source_.find("provider", plugin))
      settings = report->config_schema["provider:" + std::string(plugin)]["x-unsupported"];
    return unsupported_.emplace(plugin, std::move(settings)).first->second;
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
  std::map<std::string, Value, std::less<>> unsupported_;  // by plugin
};

}  // namespace

void check_unsupported(const Node& root, SchemaSource& source, Problems& problems) {
  UnsupportedCheck(root, source, problems).run();
}

}  // namespace tachikoma::config
