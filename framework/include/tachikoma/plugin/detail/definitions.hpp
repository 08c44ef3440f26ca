// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::detail {

/// The schemas of types that contain themselves, which can only be referred to: `{"$ref":
/// "#/definitions/Node"}`.
class Definitions {
 public:
  /// The schema of `T`: what `make` returns, or a reference while that is running.
  template <class T, class Make>
  Value schema_of(std::string_view name, Make make) {
    if (Entry* open = find(&kTag<T>)) {
      if (open->definition.empty()) open->definition = unused_name(name);
      return Value::object({{"$ref", "#/definitions/" + open->definition}});
    }
    open_.push_back({&kTag<T>, {}});
    Value schema = make();
    const std::string definition = std::move(open_.back().definition);
    open_.pop_back();
    if (!definition.empty()) definitions_.set(definition, schema);
    return schema;
  }

  /// Completes the schema that the references are in.
  void add_to(Value& root) && {
    if (definitions_.is_object()) root.set("definitions", std::move(definitions_));
  }

 private:
  template <class T>
  static constexpr char kTag = 0;  // its address stands for the type

  struct Entry {
    const char* tag;
    std::string definition;  // empty until the type is referred to
  };

  Entry* find(const char* tag) {
    for (Entry& entry : open_)
      if (entry.tag == tag) return &entry;
    return nullptr;
  }

  bool is_used(std::string_view name) const {
    for (const Entry& entry : open_)
      if (entry.definition == name) return true;
    return definitions_.find(name) != nullptr;
  }

  // types of different namespaces may share a name
  std::string unused_name(std::string_view type) const {
    std::string name;
    for (const char c : type) name += c == ':' || c == ' ' ? '_' : c;
    std::string unused = name;
    for (int n = 2; is_used(unused); ++n) unused = name + "_" + std::to_string(n);
    return unused;
  }

  std::vector<Entry> open_;
  Value definitions_;
};

}  // namespace tachikoma::detail
