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

std::string written_path(const Entry& entry, const std::string& where) {
  return entry.where.empty() ? dotted(where, entry.key) : entry.where;
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
  if (others.empty()) return;
  const std::string where = dotted(trail);
  for (Entry& moved : others) {
    const Target target = parse_target(properties[moved.key]["x-same-as"].as_string());
    moved.where = written_path(moved, where);
    moved.key = target.key;
    Node* group = open_group(map, target.group, moved);
    if (!group) continue;
    const Entry* first = group->find(target.key);
    if (!first) {
      group->entries.push_back(std::move(moved));
      continue;
    }
    const std::string group_path = target.group.empty() ? where : dotted(where, target.group);
    problems.add({moved.at, moved.where,
                  "this repeats '" + written_path(*first, group_path) + "', which is set at " +
                      problems.place(first->at),
                  "keep one of them"});
  }
}

}  // namespace tachikoma::config
