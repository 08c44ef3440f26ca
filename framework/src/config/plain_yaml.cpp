// SPDX-License-Identifier: MIT
#include "config/plain_yaml.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tachikoma::config {
namespace {

class PlainReader {
 public:
  explicit PlainReader(const SourceText& source) : source_(source), text_(source.text()) {}

  std::optional<Node> run() {
    while (at_ < text_.size())
      if (!line()) return std::nullopt;
    if (open_.empty()) return std::nullopt;
    while (open_.size() > 1)
      if (!close()) return std::nullopt;
    if (open_.back().key) return std::nullopt;
    return std::move(open_.back().node);
  }

 private:
  static constexpr std::size_t kLongestWord = 200;
  static constexpr std::size_t kDeepest = 16;
  static constexpr std::size_t kMostEntries = 20'000;
  static constexpr std::size_t kMostInBraces = 100;

  // A mapping whose end was not reached yet.
  struct Open {
    std::size_t indent;
    Node node;
    std::unordered_set<std::string> keys = {};
    std::optional<Entry> key = {};  // whose value comes next
  };

  char next() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  char after_next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }
  void skip_blanks() {
    while (next() == ' ') ++at_;
  }

  static bool starts_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/';
  }
  static bool continues_word(char c) {
    return starts_word(c) || c == '-' || c == '.' || c == '+' || c == '@';
  }

  // Empty: something else is here.
  std::string_view word() {
    const std::size_t start = at_;
    if (!starts_word(next())) return {};
    for (++at_; continues_word(next()) || (next() == ':' && starts_word(after_next()));) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    const bool is_null = word == "null" || word == "Null" || word == "NULL";
    return is_null || word.size() > kLongestWord ? std::string_view() : word;
  }

  Node node_at(std::size_t at, Node::Kind kind) const {
    Node node;
    node.kind = kind;
    node.at = source_.place(at);
    return node;
  }

  // A word and the colon behind it.
  std::optional<Entry> key() {
    const std::size_t start = at_;
    std::string key(word());
    if (key.empty() || next() != ':' || ++entries_ > kMostEntries) return std::nullopt;
    ++at_;
    return Entry{std::move(key), source_.place(start), {}};
  }

  std::optional<Node> value(std::size_t depth) {
    if (next() == '{') return braces(depth);
    Node node = node_at(at_, Node::Kind::plain);
    node.text = word();
    if (node.text.empty()) return std::nullopt;
    return node;
  }

  std::optional<Node> braces(std::size_t depth) {
    if (depth == kDeepest) return std::nullopt;
    Node map = node_at(at_++, Node::Kind::map);
    skip_blanks();
    for (bool first = true; next() != '}'; first = false) {
      if (!first && next() != ',') return std::nullopt;
      if (!first) ++at_;
      skip_blanks();
      std::optional<Entry> entry = key();
      if (!entry || next() != ' ' || map.entries.size() == kMostInBraces || map.find(entry->key))
        return std::nullopt;
      skip_blanks();
      std::optional<Node> value = this->value(depth + 1);
      if (!value) return std::nullopt;
      entry->node = *std::move(value);
      map.entries.push_back(*std::move(entry));
      skip_blanks();
    }
    ++at_;
    return map;
  }

  bool line() {
    const std::size_t start = at_;
    skip_blanks();
    const std::size_t indent = at_ - start;
    if (next() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
    if (next() != '\n') {
      if (!enter(indent)) return false;
      Open& map = open_.back();
      std::optional<Entry> entry = key();
      if (!entry || !map.keys.insert(entry->key).second) return false;
      if (next() == '\n') {
        map.key = std::move(entry);
      } else if (next() == ' ') {
        skip_blanks();
        std::optional<Node> value = this->value(open_.size());
        if (!value) return false;
        entry->node = *std::move(value);
        map.node.entries.push_back(*std::move(entry));
      }
    }
    if (next() != '\n') return false;
    ++at_;
    return true;
  }

  // Makes the mapping of the line that is indented so far the last open one.
  bool enter(std::size_t indent) {
    const bool is_new = open_.empty() ? indent == 0 : open_.back().key && indent > open_.back().indent;
    if (is_new) {
      if (open_.size() == kDeepest) return false;
      open_.push_back({indent, node_at(at_, Node::Kind::map)});
      return true;
    }
    while (!open_.empty() && open_.back().indent > indent)
      if (!close()) return false;
    return !open_.empty() && open_.back().indent == indent && !open_.back().key;
  }

  // Makes the last open mapping the value of the key above it.
  bool close() {
    if (open_.back().key) return false;
    Node node = std::move(open_.back().node);
    open_.pop_back();
    if (open_.empty()) return false;
    Open& parent = open_.back();
    parent.key->node = std::move(node);
    parent.node.entries.push_back(*std::exchange(parent.key, std::nullopt));
    return true;
  }

  const SourceText& source_;
  const std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  std::size_t entries_ = 0;
};

}  // namespace

std::optional<Node> read_plain_yaml(const SourceText& source) { return PlainReader(source).run(); }

}  // namespace tachikoma::config
