// SPDX-License-Identifier: MIT
#include "world/yaml_value.hpp"

#include "base/json.hpp"

namespace lmstudio_sim {

using tachikoma::Value;

namespace {

constexpr int kDeepest = 32;
constexpr int kMostNodes = 100'000;

Value scalar_value(const YAML::Node& node) {
  if (node.Tag() != "!")  // quoted scalars carry this tag
    if (auto bare = tachikoma::base::parse_json(node.Scalar());
        bare && !bare->is_array() && !bare->is_object())
      return std::move(*bare);
  return node.Scalar();
}

bool convert(const YAML::Node& node, int depth, int& nodes, Value& into) {
  if (depth > kDeepest || ++nodes > kMostNodes) return false;
  if (node.IsScalar()) {
    into = scalar_value(node);
  } else if (node.IsSequence()) {
    into = Value::array();
    for (const YAML::Node& each : node)
      if (!convert(each, depth + 1, nodes, into.push_back({}))) return false;
  } else if (node.IsMap()) {
    into = Value::object();
    for (const auto& entry : node)
      if (!entry.first.IsScalar() ||
          !convert(entry.second, depth + 1, nodes, into.set(entry.first.Scalar(), nullptr)))
        return false;
  }
  return true;
}

}  // namespace

std::optional<Value> yaml_value(const YAML::Node& node) {
  Value value;
  int nodes = 0;
  if (!convert(node, 0, nodes, value)) return std::nullopt;
  return value;
}

}  // namespace lmstudio_sim
