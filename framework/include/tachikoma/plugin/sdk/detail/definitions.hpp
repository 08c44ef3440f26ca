// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::detail {

/// The schemas of types that contain themselves, which can only be referred to by a name.
class Definitions {
 public:
  /// The schema of `T`: what `make` returns, or a reference to it if it is being made or already defined.
  template <class T, class Make>
  Value schema_of(std::string_view name, Make make) {
    for (Entry& known : entries_)
      if (known.tag == &kTag<T>) {
        if (known.definition.empty()) known.definition = unused_name(name);
        return Value::object({{"$ref", "#/definitions/" + known.definition}});
      }
    const auto position = static_cast<std::ptrdiff_t>(entries_.size());
    entries_.push_back({&kTag<T>, {}});
    Value schema = make();
    const auto entry = entries_.begin() + position;
    if (entry->definition.empty())
      entries_.erase(entry);
    else
      definitions_.set(entry->definition, schema);
    return schema;
  }

  /// Adds the definitions to the schema that contains the references.
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

  bool is_used(std::string_view name) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.definition == name; });
  }

  // types of different namespaces may share a name
  std::string unused_name(std::string_view type) const {
    std::string name;
    for (const char c : type) name += c == ':' || c == ' ' ? '_' : c;
    std::string unused = name;
    for (int n = 2; is_used(unused); ++n) unused = name + "_" + std::to_string(n);
    return unused;
  }

  std::vector<Entry> entries_;  // of types that are being described, or have a definition
  Value definitions_;
};

}  // namespace tachikoma::detail
