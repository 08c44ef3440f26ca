// SPDX-License-Identifier: MIT
#include "calls/cassette_diff.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "schema/canonical.hpp"

namespace tachikoma::calls {
namespace {

constexpr std::size_t kShown = 60;
constexpr std::size_t kShownBefore = 20;  // of what two texts have in common

std::string shown(const Value* value) {
  return value ? base::excerpt(base::to_json(*value), kShown) : "nothing";
}

// Where they begin to differ, and a little before.
std::size_t start_of_difference(std::string_view a, std::string_view b) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  const auto common = static_cast<std::size_t>(differ - a.begin());
  if (common <= 2 * kShownBefore) return 0;
  std::size_t start = common - kShownBefore;
  while (!base::starts_character(a[start])) --start;
  return start;
}

std::string shown_from(std::string_view text, std::size_t start) {
  return start == 0 ? base::excerpt(base::to_json(text), kShown)
                    : "…" + base::excerpt(base::to_json(text.substr(start)), kShown);
}

class Comparison {
 public:
  // Null where there is none.
  void compare(const std::string& place, const Value* recorded, const Value* asked) {
    if (recorded && asked) {
      if (schema::canonical(*recorded) == schema::canonical(*asked)) return;
      if (recorded->is_object() && asked->is_object()) return compare_members(place, *recorded, *asked);
      if (recorded->is_array() && asked->is_array()) return compare_elements(place, *recorded, *asked);
      if (recorded->is_string() && asked->is_string())
        return compare_texts(place, recorded->as_string(), asked->as_string());
    }
    add(place, shown(recorded), shown(asked));
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void compare_members(const std::string& place, const Value& recorded, const Value& asked) {
    const auto at = [&](const std::string& key) { return place.empty() ? key : place + "." + key; };
    for (const Member& each : recorded.members()) compare(at(each.key), &each.value, asked.find(each.key));
    for (const Member& each : asked.members())
      if (!recorded.find(each.key)) compare(at(each.key), nullptr, &each.value);
  }
  void compare_elements(const std::string& place, const Value& recorded, const Value& asked) {
    const Value::Array &a = recorded.elements(), &b = asked.elements();
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
      compare(place + "[" + std::to_string(i) + "]", i < a.size() ? &a[i] : nullptr,
              i < b.size() ? &b[i] : nullptr);
  }
  void compare_texts(const std::string& place, std::string_view recorded, std::string_view asked) {
    const std::size_t start = start_of_difference(recorded, asked);
    add(place, shown_from(recorded, start), shown_from(asked, start));
  }
  void add(const std::string& place, const std::string& recorded, const std::string& asked) {
    lines_.push_back(base::excerpt(place) + ": recorded " + recorded + ", asked " + asked);
  }

  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> differences(const Value& recorded, const Value& asked) {
  Comparison comparison;
  comparison.compare({}, &recorded, &asked);
  return comparison.take();
}

}  // namespace tachikoma::calls
