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
  explicit PlainReader(std::string_view text) : text_(text) {}

  std::optional<Node> run() {
    while (at_ < text_.size())
      if (!line()) return std::nullopt;
    if (open_.empty()) return std::nullopt;
    while (!open_.empty())
      if (!close()) return std::nullopt;
    return std::move(root_);
  }

 private:
  static constexpr std::size_t kLongestWord = 200;
  static constexpr std::size_t kDeepest = 16;
  static constexpr std::size_t kMostEntries = 20'000;
  static constexpr std::size_t kMostInBraces = 100;

  // A mapping whose end was not reached yet. Its parent gets no more entries before it is closed.
  struct Open {
    std::size_t indent;
    Node* map;
    std::unordered_set<std::string_view> keys = {};
    bool waits = false;  // for the value of its last entry
  };

  char next() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  char after_next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }
  bool after_blank() const { return at_ == line_start_ || text_[at_ - 1] == ' '; }
  void skip_blanks() {
    while (next() == ' ') ++at_;
  }

  // Whether nothing but a comment is left in this line, which is then skipped.
  bool ends_line() {
    if (next() == '#' && after_blank()) at_ = std::min(text_.find('\n', at_), text_.size());
    return next() == '\n';
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

  // Before the first character of a line that is not ASCII there are only its comments.
  Position here() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }

  void start(Node& node, Node::Kind kind) const {
    node.kind = kind;
    node.at = here();
  }

  // A word and the colon behind it, as the key of a new entry. Empty: something else is here.
  std::string_view key(Node& map) {
    const Position at = here();
    const std::string_view key = word();
    if (key.empty() || next() != ':' || ++entries_ > kMostEntries) return {};
    ++at_;
    Entry& entry = map.entries.emplace_back();
    entry.key = key;
    entry.at = at;
    return key;
  }

  bool value(Node& node, std::size_t depth) {
    switch (next()) {
      case '{': return braces(node, depth);
      case '[': return brackets(node, depth);
      case '"':
      case '\'': return quoted(node);
    }
    start(node, Node::Kind::plain);
    node.text = word();
    return !node.text.empty();
  }

  // Without escapes.
  bool quoted(Node& node) {
    start(node, Node::Kind::quoted);
    const char quote = text_[at_];
    const std::size_t first = ++at_;
    for (; next() != quote; ++at_)
      if (next() < ' ' || next() > '~' || next() == '\\' || at_ - first == kLongestWord) return false;
    node.text = text_.substr(first, at_ - first);
    ++at_;
    return next() != quote;
  }

  bool braces(Node& map, std::size_t depth) {
    const auto entry = [&] {
      const std::size_t before = map.entries.size();
      const std::string_view key = before < kMostInBraces ? this->key(map) : std::string_view();
      if (key.empty() || next() != ' ' || map.find(key) != &map.entries[before]) return false;
      skip_blanks();
      return value(map.entries[before].node, depth + 1);
    };
    start(map, Node::Kind::map);
    return pieces('}', depth, entry);
  }

  bool brackets(Node& list, std::size_t depth) {
    const auto item = [&] {
      return ++entries_ <= kMostEntries && value(list.items.emplace_back(), depth + 1);
    };
    start(list, Node::Kind::list);
    return pieces(']', depth, item);
  }

  template <class Piece>
  bool pieces(char end, std::size_t depth, const Piece& piece) {
    if (depth == kDeepest) return false;
    ++at_;
    skip_blanks();
    for (bool first = true; next() != end; first = false) {
      if (!first && next() != ',') return false;
      if (!first) ++at_;
      skip_blanks();
      if (!piece()) return false;
      skip_blanks();
    }
    ++at_;
    return true;
  }

  bool line() {
    skip_blanks();
    if (!ends_line() && !(enter(at_ - line_start_) && entry())) return false;
    line_start_ = ++at_;
    ++line_;
    return true;
  }

  bool entry() {
    Open& open = open_.back();
    const std::string_view key = this->key(*open.map);
    if (key.empty() || !open.keys.insert(key).second) return false;
    skip_blanks();
    open.waits = ends_line();
    if (open.waits) return true;
    if (!after_blank() || !value(open.map->entries.back().node, open_.size())) return false;
    skip_blanks();
    return ends_line();
  }

  // Makes the mapping of the line that is indented so far the last open one.
  bool enter(std::size_t indent) {
    const bool is_new = open_.empty() ? indent == 0 : open_.back().waits && indent > open_.back().indent;
    if (is_new) {
      if (open_.size() == kDeepest) return false;
      Node* map = &root_;
      if (!open_.empty()) {
        map = &open_.back().map->entries.back().node;
        open_.back().waits = false;
      }
      start(*map, Node::Kind::map);
      open_.push_back({indent, map});
      return true;
    }
    while (!open_.empty() && open_.back().indent > indent)
      if (!close()) return false;
    return !open_.empty() && open_.back().indent == indent && !open_.back().waits;
  }

  bool close() {
    if (open_.back().waits) return false;
    open_.pop_back();
    return true;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t line_start_ = 0;
  Node root_;
  std::vector<Open> open_;
  std::size_t entries_ = 0;
};

}  // namespace

std::optional<Node> read_plain_yaml(std::string_view text) { return PlainReader(text).run(); }

}  // namespace tachikoma::config
