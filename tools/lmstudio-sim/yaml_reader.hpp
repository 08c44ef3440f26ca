// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "tachikoma/plugin/value.hpp"

namespace lmstudio_sim {

/// Collects what is wrong with a file, a line each: "script.yaml:3:5: …".
class YamlErrors {
 public:
  explicit YamlErrors(std::string file) : file_(std::move(file)) {}
  void add(const YAML::Mark& mark, const std::string& text);
  bool empty() const { return lines_.empty(); }
  std::string text() const;

 private:
  std::string file_;
  std::vector<std::string> lines_;
};

/// Reads one mapping strictly. Every key that is asked for counts as known; `finish` reports the others,
/// with the nearest known key, and keys that stand twice. Values of the wrong form are reported where
/// they stand, and the fallback is left in place.
class YamlMap {
 public:
  /// `what` names the mapping in errors: "a model".
  YamlMap(const YAML::Node& node, std::string what, YamlErrors& errors);

  bool has(const char* key);
  void read(const char* key, std::string& into);
  void read(const char* key, bool& into);
  void read(const char* key, double& into);
  void read(const char* key, std::int64_t& into, std::int64_t least, std::int64_t most);
  void read(const char* key, std::chrono::milliseconds& into);
  void read_size(const char* key, std::int64_t& into);
  /// One of these words; its index.
  std::optional<std::size_t> read_choice(const char* key, const std::vector<std::string>& choices);
  /// A list of strings.
  void read(const char* key, std::vector<std::string>& into);
  /// Any JSON-shaped value.
  void read(const char* key, tachikoma::Value& into);
  /// A nested mapping, or each mapping of a list.
  void read_map(const char* key, const std::string& what, const std::function<void(YamlMap&)>& each);
  void read_list(const char* key, const std::string& what, const std::function<void(YamlMap&)>& each);
  /// Says that a key which must be there is not.
  void require(const char* key);
  void error(const char* key, const std::string& text);
  void finish();

 private:
  const YAML::Node* find(const char* key);
  std::optional<std::string> scalar(const char* key, const char* expected);

  std::string what_;
  YamlErrors& errors_;
  YAML::Mark mark_;
  bool valid_ = false;
  std::vector<std::pair<std::string, YAML::Node>> entries_;
  std::vector<YAML::Mark> marks_;  // of the keys
  std::vector<std::string> known_;
};

}  // namespace lmstudio_sim
