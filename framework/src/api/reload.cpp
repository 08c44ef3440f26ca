// SPDX-License-Identifier: MIT
#include "tachikoma/reload.hpp"

#include <algorithm>
#include <string_view>

#include "base/json_pointer.hpp"
#include "base/lists.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma {
namespace {

// "/models/chat/context_length" as "models.chat.context_length".
std::string dotted(std::string_view pointer) {
  std::string name;
  while (!pointer.empty()) {
    if (!name.empty()) name += '.';
    name += base::take_step(pointer);
  }
  return name;
}

std::string describe(const ConfigChange& change) {
  const std::string name = dotted(change.pointer);
  const auto shown = [](const Value& value) { return value.is_object() ? "" : ": " + to_json(value); };
  if (change.before.is_null()) return name + " is new" + shown(change.after);
  if (change.after.is_null()) return name + " is gone";
  if (change.before == change.after) return name + " has changed";  // a secret
  return name + ": " + to_json(change.before) + " -> " + to_json(change.after);
}

}  // namespace

std::vector<std::string> describe(const Reload& reload) {
  if (reload.changes.empty()) return {"nothing has changed"};
  std::vector<std::string> lines;
  for (const ConfigChange& each : reload.changes) lines.push_back(describe(each));
  for (const Reload::Unload& each : reload.unloads)
    lines.push_back(each.provider + "::" + each.key + " is unloaded when no request uses it: " + each.reason);
  for (const std::string& each : reload.warnings) lines.push_back("warning: " + each);
  return lines;
}

Value to_value(const Reload& reload) {
  return Value::object(
      {{"changes", base::array_of(reload.changes,
                                  [](const ConfigChange& each) {
                                    return Value::object({{"pointer", each.pointer},
                                                          {"before", each.before},
                                                          {"after", each.after}});
                                  })},
       {"unloads",
        base::array_of(
            reload.unloads,
            [](const Reload::Unload& each) {
              return Value::object({{"provider", each.provider}, {"key", each.key}, {"reason", each.reason}});
            })},
       {"warnings", base::array_of(reload.warnings)}});
}

}  // namespace tachikoma
