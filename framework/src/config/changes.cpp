// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include "base/json_pointer.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {
namespace {

/// A value of a configuration, and how it is shown; null where it is not there.
struct Shown {
  const Value* value = nullptr;
  const Value* shown = nullptr;

  explicit operator bool() const { return value != nullptr; }
  Shown operator[](const std::string& key) const {
    if (!value) return {};
    return {value->find(key), shown->is_object() ? shown->find(key) : shown};
  }
  Value display() const { return shown ? *shown : Value(); }
};

class Comparison {
 public:
  void compare(const std::string& pointer, const Shown& before, const Shown& after) {
    if (before && after && *before.value == *after.value) return;
    const bool has_parts = before && after && before.value->is_object() && after.value->is_object();
    if (!has_parts) {
      changes_.push_back({pointer, before.display(), after.display()});
      return;
    }
    for (const Member& member : after.value->members())
      compare(pointer + base::pointer_step(member.key), before[member.key], after[member.key]);
    for (const Member& member : before.value->members())
      if (!after.value->find(member.key))
        compare(pointer + base::pointer_step(member.key), before[member.key], {});
  }
  std::vector<ConfigChange> take() { return std::move(changes_); }

 private:
  std::vector<ConfigChange> changes_;
};

}  // namespace

std::vector<ConfigChange> changes_between(const Config& before, const Config& after) {
  const Value shown_before = redacted(before), shown_after = redacted(after);
  Comparison comparison;
  comparison.compare({}, {&before.effective, &shown_before}, {&after.effective, &shown_after});
  return comparison.take();
}

}  // namespace tachikoma
