// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// Collects the errors of a file, one per line: "script.yaml:3:5: …".
class YamlErrors {
 public:
  explicit YamlErrors(std::string file) : file_(std::move(file)) {}
  void add(const YAML::Mark& mark, const std::string& text);
  bool empty() const { return lines_.empty(); }
  /// In the order of the file.
  std::string text() const;

 private:
  struct Line {
    YAML::Mark mark;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;
};

/// The only document of a YAML text. Null, with an error added, when the text can't be parsed, is not UTF-8,
/// or has more than one document.
YAML::Node read_yaml(const std::string& text, YamlErrors& errors);

/// Reads one mapping strictly. Every key that is asked for counts as known; `finish` reports the others,
/// with the nearest known key. Duplicate keys and invalid values are reported with their position, and
/// leave the output unchanged.
class YamlMap {
 public:
  /// `what` names the mapping in errors: "a model".
  YamlMap(const YAML::Node& node, std::string what, YamlErrors& errors);

  /// True when the key is there.
  bool has(const char* key);
  void read(const char* key, std::string& into);
  void read(const char* key, bool& into);
  void read(const char* key, std::int64_t& into, std::int64_t min, std::int64_t max);
  /// A duration as "20ms".
  void read(const char* key, std::chrono::milliseconds& into);
  /// A list of strings.
  void read(const char* key, std::vector<std::string>& into);
  /// Any JSON-shaped value.
  void read(const char* key, JsonValue& into);
  /// Bytes as "65GB".
  void read_size(const char* key, std::int64_t& into);
  /// The index of the chosen word.
  std::optional<std::size_t> read_choice(const char* key, const std::vector<std::string>& choices);
  /// True when the key is there and its value is a mapping.
  bool is_map(const char* key);
  /// The indices of the words in a list.
  std::vector<std::size_t> read_choices(const char* key, const std::vector<std::string>& choices);
  /// A nested mapping.
  void read_map(const char* key, const std::string& what, const std::function<void(YamlMap&)>& reader);
  /// Each mapping of a list.
  void read_list(const char* key, const std::string& what, const std::function<void(YamlMap&)>& reader);
  /// Reports a required key that is missing.
  void require(const char* key);
  /// Reports an error at the value of a key, or at the mapping when the key is absent.
  void error(const char* key, const std::string& text);
  void finish();

 private:
  struct Entry {
    std::string key;
    YAML::Mark mark;
    YAML::Node value;
  };
  const Entry* find(const char* key);
  std::optional<std::size_t> choice(const char* key, const std::string& word,
                                    const std::vector<std::string>& choices);
  std::optional<std::string> scalar(const char* key, const std::string& expected);
  void read_one(const YAML::Node& node, const std::string& what, const std::function<void(YamlMap&)>& reader);

  std::string what_;
  YamlErrors& errors_;
  YAML::Mark mark_;
  std::vector<Entry> entries_;
  std::vector<std::string> known_;
};

}  // namespace lmstudio_sim
