// SPDX-License-Identifier: MIT
#include "config/spellings.hpp"

#include <algorithm>
#include <iterator>
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

// The group's map in `map`, made when it is missing; null when the file has something else there.
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

}  // namespace

void unify_spellings(Node& map, const Value& schema, const std::string& where, Problems& problems) {
  const auto first_other = std::stable_partition(
      map.entries.begin(), map.entries.end(),
      [&](const Entry& entry) { return !schema["properties"][entry.key]["x-same-as"].is_string(); });
  std::vector<Entry> others(std::make_move_iterator(first_other), std::make_move_iterator(map.entries.end()));
  map.entries.erase(first_other, map.entries.end());
  for (Entry& moved : others) {
    const Target target = parse_target(schema["properties"][moved.key]["x-same-as"].as_string());
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
                  "this sets again what '" + written_path(*first, group_path) + "' at " +
                      problems.place(first->at) + " sets",
                  "keep one of them"});
  }
}

}  // namespace tachikoma::config
