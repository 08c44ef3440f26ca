// SPDX-License-Identifier: MIT
#include "world/yaml_reader.hpp"

#include <algorithm>
#include <charconv>

#include "http/text_encoding.hpp"
#include "world/key_suggestion.hpp"
#include "world/units.hpp"
#include "world/yaml_value.hpp"

namespace lmstudio_sim {

namespace {

std::string one_of(const std::vector<std::string>& choices) {
  std::string text = "one of";
  for (const std::string& choice : choices) text += (&choice == &choices.front() ? " " : ", ") + choice;
  return text;
}

}  // namespace

void YamlErrors::add(const YAML::Mark& mark, const std::string& text) { lines_.push_back({mark, text}); }

std::string YamlErrors::text() const {
  std::vector<Line> lines = lines_;
  std::ranges::stable_sort(lines, {}, [](const Line& line) { return line.mark.pos; });
  std::string text;
  for (const Line& line : lines) {
    if (!text.empty()) text += "\n";
    text += file_ + ":" + std::to_string(line.mark.line + 1) + ":" + std::to_string(line.mark.column + 1) +
            ": " + line.text;
  }
  return text;
}

YAML::Node read_yaml(const std::string& text, YamlErrors& errors) {
  if (text.find('\0') != std::string::npos || !is_utf8(text)) {
    errors.add({}, "the file is not UTF-8 text");
    return {};
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() == 1 && documents.front().IsMap()) return documents.front();
    errors.add(documents.size() > 1 ? documents[1].Mark() : YAML::Mark(),
               documents.size() > 1 ? "a second document starts here; a script has only one"
                                    : "expected a mapping with models, replies or faults");
  } catch (const YAML::Exception& error) {
    errors.add(error.mark.line >= 0 ? error.mark : YAML::Mark(), error.msg);
  }
  return {};
}

YamlMap::YamlMap(const YAML::Node& node, std::string what, YamlErrors& errors)
    : what_(std::move(what)), errors_(errors), mark_(node.Mark()) {
  if (!node.IsMap()) {
    errors_.add(mark_, "expected " + what_ + ", a mapping of keys to values");
    return;
  }
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      errors_.add(entry.first.Mark(), "a key of " + what_ + " must be text");
      continue;
    }
    const std::string& key = entry.first.Scalar();
    if (std::ranges::find(entries_, key, &Entry::key) != entries_.end())
      errors_.add(entry.first.Mark(), "'" + key + "' appears twice in " + what_);
    else
      entries_.push_back({key, entry.first.Mark(), entry.second});
  }
}

const YamlMap::Entry* YamlMap::find(const char* key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  return found == entries_.end() ? nullptr : &*found;
}

bool YamlMap::has(const char* key) { return find(key) != nullptr; }

bool YamlMap::is_map(const char* key) {
  const Entry* entry = find(key);
  return entry && entry->value.IsMap();
}

std::optional<std::string> YamlMap::scalar(const char* key, const std::string& expected) {
  const Entry* entry = find(key);
  if (!entry) return std::nullopt;
  if (entry->value.IsScalar()) return entry->value.Scalar();
  error(key, "'" + std::string(key) + "' must be " + expected);
  return std::nullopt;
}

void YamlMap::read(const char* key, std::string& into) {
  if (auto text = scalar(key, "text")) into = std::move(*text);
}

void YamlMap::read(const char* key, bool& into) {
  static constexpr const char* kExpected = "true or false";
  const auto text = scalar(key, kExpected);
  if (!text) return;
  if (*text == "true" || *text == "false")
    into = *text == "true";
  else
    error(key, "'" + std::string(key) + "' is '" + *text + "', expected " + kExpected);
}

void YamlMap::read(const char* key, std::int64_t& into, std::int64_t min, std::int64_t max) {
  const std::string expected = "an integer from " + std::to_string(min) + " to " + std::to_string(max);
  const auto text = scalar(key, expected);
  if (!text) return;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failure == std::errc() && end == text->data() + text->size() && number >= min && number <= max)
    into = number;
  else
    error(key, "'" + std::string(key) + "' is '" + *text + "', expected " + expected);
}

void YamlMap::read(const char* key, std::chrono::milliseconds& into) {
  const auto text = scalar(key, "a duration such as 20ms or 1.5s");
  if (!text) return;
  if (const auto duration = parse_duration(*text))
    into = *duration;
  else
    error(key, "'" + std::string(key) + "' is '" + *text + "', expected a duration such as 20ms or 1.5s");
}

void YamlMap::read_size(const char* key, std::int64_t& into) {
  const auto text = scalar(key, "a size such as 65GB or 512MiB");
  if (!text) return;
  if (const auto size = parse_size(*text))
    into = *size;
  else
    error(key, "'" + std::string(key) + "' is '" + *text + "', expected a size such as 65GB or 512MiB");
}

void YamlMap::read(const char* key, std::vector<std::string>& into) {
  const Entry* entry = find(key);
  if (!entry) return;
  if (!entry->value.IsSequence()) return error(key, "'" + std::string(key) + "' must be a list of strings");
  into.clear();
  for (const YAML::Node& each : entry->value) {
    if (each.IsScalar())
      into.push_back(each.Scalar());
    else
      errors_.add(each.Mark(), "'" + std::string(key) + "' must be a list of strings");
  }
}

void YamlMap::read(const char* key, JsonValue& into) {
  const Entry* entry = find(key);
  if (!entry) return;
  if (auto value = yaml_value(entry->value))
    into = std::move(*value);
  else
    error(key, "'" + std::string(key) + "' is nested too deeply, or contains itself");
}

std::optional<std::size_t> YamlMap::read_choice(const char* key, const std::vector<std::string>& choices) {
  const auto text = scalar(key, one_of(choices));
  return text ? choice(key, *text, choices) : std::nullopt;
}

std::vector<std::size_t> YamlMap::read_choices(const char* key, const std::vector<std::string>& choices) {
  std::vector<std::string> words;
  read(key, words);
  std::vector<std::size_t> chosen;
  for (const std::string& word : words)
    if (const auto index = choice(key, word, choices)) chosen.push_back(*index);
  return chosen;
}

std::optional<std::size_t> YamlMap::choice(const char* key, const std::string& word,
                                           const std::vector<std::string>& choices) {
  const auto found = std::ranges::find(choices, word);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  error(key, "'" + std::string(key) + "' is '" + word + "', expected " + one_of(choices));
  return std::nullopt;
}

void YamlMap::read_one(const YAML::Node& node, const std::string& what,
                       const std::function<void(YamlMap&)>& reader) {
  YamlMap map(node, what, errors_);
  if (!node.IsMap()) return;
  reader(map);
  map.finish();
}

void YamlMap::read_map(const char* key, const std::string& what,
                       const std::function<void(YamlMap&)>& reader) {
  if (const Entry* entry = find(key)) read_one(entry->value, what, reader);
}

void YamlMap::read_list(const char* key, const std::string& what,
                        const std::function<void(YamlMap&)>& reader) {
  const Entry* entry = find(key);
  if (!entry) return;
  if (!entry->value.IsSequence()) return error(key, "'" + std::string(key) + "' must be a list");
  for (const YAML::Node& each : entry->value) read_one(each, what, reader);
}

void YamlMap::require(const char* key) {
  if (!find(key)) errors_.add(mark_, what_ + " needs '" + key + "'");
}

void YamlMap::error(const char* key, const std::string& text) {
  const Entry* entry = find(key);
  errors_.add(entry ? entry->value.Mark() : mark_, text);
}

void YamlMap::finish() {
  for (const Entry& entry : entries_) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    const std::string near = suggest_key(entry.key, known_);
    errors_.add(entry.mark, what_ + " has no key '" + entry.key + "'" + (near.empty() ? "" : "; " + near));
  }
}

}  // namespace lmstudio_sim
