// SPDX-License-Identifier: MIT
#include "world/yaml_value.hpp"

#include "http/json_value.hpp"

namespace lmstudio_sim {

namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 100'000;

JsonValue scalar_value(const YAML::Node& node) {
  if (node.Tag() != "!")  // quoted scalars carry this tag
    if (auto bare = parse_json(node.Scalar()); bare && !bare->is_array() && !bare->is_object())
      return std::move(*bare);
  return node.Scalar();
}

bool convert(const YAML::Node& node, int depth, int& nodes, JsonValue& into) {
  if (depth > kMaxDepth || ++nodes > kMaxNodes) return false;
  if (node.IsScalar()) {
    into = scalar_value(node);
  } else if (node.IsSequence()) {
    into = JsonValue::array();
    for (const YAML::Node& each : node)
      if (!convert(each, depth + 1, nodes, into.push_back({}))) return false;
  } else if (node.IsMap()) {
    into = JsonValue::object();
    for (const auto& entry : node)
      if (!entry.first.IsScalar() ||
          !convert(entry.second, depth + 1, nodes, into.set(entry.first.Scalar(), nullptr)))
        return false;
  }
  return true;
}

}  // namespace

std::optional<JsonValue> yaml_value(const YAML::Node& node) {
  JsonValue value;
  int nodes = 0;
  if (!convert(node, 0, nodes, value)) return std::nullopt;
  return value;
}

}  // namespace lmstudio_sim
