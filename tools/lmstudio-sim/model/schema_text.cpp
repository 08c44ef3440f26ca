// SPDX-License-Identifier: MIT
#include "model/schema_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace lmstudio_sim {
namespace {

constexpr std::int64_t kMaxLength = 100'000;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !continues(c); });
}

// Parses a pattern from left to right and writes text that matches it.
class PatternWriter {
 public:
  explicit PatternWriter(std::string_view pattern) : rest_(pattern) {}

  // Parses up to the end or a ')'. Of several alternatives, the first is used.
  std::string alternatives(int depth = 0) {
    std::string first = sequence(depth);
    while (take('|')) sequence(depth);
    return first;
  }

 private:
  static constexpr int kMaxDepth = 50;

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string sequence(int depth) {
    std::string text;
    while (!rest_.empty() && rest_.front() != '|' && (rest_.front() != ')' || depth == 0)) {
      const std::string atom = next_atom(depth);
      // groups in groups multiply
      for (std::int64_t n = min_count(); n > 0 && std::ssize(text) <= kMaxLength; --n) text += atom;
    }
    return text;
  }

  std::string next_atom(int depth) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case '^':
      case '$': return {};
      case '.': return "a";
      case '\\': return escaped();
      case '[': return one_of_class();
      case '(': return group(depth);
      default: return std::string(1, c);
    }
  }

  std::string group(int depth) {
    if (depth >= kMaxDepth) return {};
    const bool matches_nothing =
        rest_.starts_with("?=") || rest_.starts_with("?!") || rest_.starts_with("?<");
    if (take('?') && !rest_.empty()) rest_.remove_prefix(1);  // ?: and the like
    std::string text = alternatives(depth + 1);
    take(')');
    return matches_nothing ? std::string() : text;
  }

  std::string escaped() {
    if (rest_.empty()) return "\\";
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'd': return "1";
      case 'w':
      case 'D':
      case 'S': return "a";
      case 's': return " ";
      case 'W': return "-";
      case 'n': return "\n";
      case 't': return "\t";
      case 'b':
      case 'B': return {};
      default: return std::string(1, c);
    }
  }

  std::string one_of_class() {
    const bool negated = take('^');
    std::string members, first;
    while (!rest_.empty() && !(rest_.front() == ']' && !members.empty())) {
      const std::string member =
          take('\\') ? escaped() : std::string(1, std::exchange(rest_, rest_.substr(1)).front());
      if (first.empty()) first = member;
      members += member;
    }
    take(']');
    if (!negated) return first;
    static constexpr std::string_view kCandidates = "a1-_ Z~";
    for (const char candidate : kCandidates)
      if (members.find(candidate) == std::string::npos) return std::string(1, candidate);
    return "b";
  }

  std::int64_t min_count() {
    std::int64_t count = 1;
    if (take('*') || take('?')) count = 0;
    if (count == 1 && !take('+') && rest_.size() > 1 && rest_[0] == '{' && rest_[1] >= '0' &&
        rest_[1] <= '9') {
      std::from_chars(rest_.data() + 1, rest_.data() + rest_.size(), count);
      rest_.remove_prefix(std::min(rest_.find('}'), rest_.size() - 1) + 1);
    }
    take('?');  // lazy or not, the minimum is the same
    return std::min(count, kMaxLength);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::string> text_of_format(std::string_view format) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 12> kExamples{
      {{"date-time", "2026-01-02T03:04:05Z"},
       {"date", "2026-01-02"},
       {"time", "03:04:05Z"},
       {"duration", "PT1H"},
       {"email", "someone@example.com"},
       {"hostname", "example.com"},
       {"ipv4", "192.0.2.1"},
       {"ipv6", "2001:db8::1"},
       {"uri", "https://example.com/"},
       {"uri-reference", "/"},
       {"uuid", "123e4567-e89b-42d3-a456-426614174000"},
       {"json-pointer", "/a"}}};
  for (const auto& [name, example] : kExamples)
    if (name == format) return example;
  return std::nullopt;
}

std::string text_for_pattern(std::string_view pattern) { return PatternWriter(pattern).alternatives(); }

std::string text_of_length(std::string text, std::int64_t min, std::int64_t max) {
  if (text.empty()) text = "a";
  const std::string unit = text;
  while (characters(text) < std::min(min, kMaxLength)) text += unit;
  if (characters(text) <= max && characters(text) == characters(unit)) return text;
  const std::int64_t wanted = std::min(max, std::max(min, characters(unit)));
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!continues(text[i]) && seen++ == wanted) return text.substr(0, i);
  return text;
}

}  // namespace lmstudio_sim
