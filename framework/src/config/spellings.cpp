// SPDX-License-Identifier: MIT
#include "config/spellings.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tachikoma::config {
namespace {

struct Target {
  std::string_view group;  // empty: the map itself
  std::string_view key;
};

Target parse_target(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {{}, text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

// The group's map in `map`, created if missing; null if the file has something else there.
Node* open_group(Node& map, std::string_view group, const Entry& first) {
  if (group.empty()) return &map;
  if (Entry* found = map.find(group)) return found->node.kind == Node::Kind::map ? &found->node : nullptr;
  Entry made{std::string(group), first.at, {}};
  made.node.kind = Node::Kind::map;
  made.node.at = first.at;
  return &map.entries.emplace_back(std::move(made)).node;
}

// Those that have another name too, taken out of the map.
std::vector<Entry> take_others(Node& map, const Value& properties) {
  std::vector<Entry> others;
  const auto end = std::remove_if(map.entries.begin(), map.entries.end(), [&](Entry& entry) {
    const bool other = properties[entry.key]["x-same-as"].is_string();
    if (other) others.push_back(std::move(entry));
    return other;
  });
  map.entries.erase(end, map.entries.end());
  return others;
}

}  // namespace

void unify_spellings(Node& map, const Value& schema, const Trail* trail, Problems& problems) {
  const Value& properties = schema["properties"];
  std::vector<Entry> others = take_others(map, properties);
  for (Entry& moved : others) {
    const Target target = parse_target(properties[moved.key]["x-same-as"].as_string());
    const bool moves = !target.group.empty();
    if (moved.written.empty()) {
      moved.written = dotted({}, moved.key);
      moved.from_above = moves;
    }
    moved.key = target.key;
    Node* group = open_group(map, target.group, moved);
    if (!group) continue;
    const Entry* first = group->find(target.key);
    if (!first) {
      group->entries.push_back(std::move(moved));
      continue;
    }
    const std::string where = dotted(trail);
    const std::string group_path = moves ? dotted(where, target.group) : where;
    const std::string above = moves || !trail ? where : dotted(trail->above);
    problems.add({moved.at, dotted(above, group_path, moved),
                  "this repeats '" + dotted(above, group_path, *first) + "', which is set at " +
                      problems.place(first->at),
                  "keep one of them"});
  }
}

}  // namespace tachikoma::config
