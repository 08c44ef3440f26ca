// SPDX-License-Identifier: MIT
#include "model/question.hpp"

#include <algorithm>
#include <array>

#include "http/json_value.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kPunctuation = " \t\r\n?!.,;:\"'()[]{}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// Words that begin a sentence without being a name.
bool names_nothing(std::string_view word) {
  static constexpr std::array<std::string_view, 40> kWords{
      "a",    "and",  "answer", "are",   "book",  "calculate", "can",    "do",   "does",  "explain",
      "find", "for",  "give",   "hello", "hi",    "how",       "i",      "in",   "is",    "it",
      "list", "me",   "meet",   "my",    "name",  "please",    "search", "show", "tell",  "the",
      "this", "what", "what's", "when",  "where", "which",     "who",    "why",  "write", "you"};
  return std::ranges::find(kWords, lower_case(word)) != kWords.end();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kPunctuation);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPunctuation) - first + 1);
}

// A word, with and without surrounding punctuation.
struct Token {
  std::string_view raw;
  std::string_view word;
  bool ends_phrase() const { return raw.empty() || kPunctuation.find(raw.back()) != std::string_view::npos; }
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = text.find_first_not_of(" \t\r\n"); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    const std::string_view raw = text.substr(at, end - at);
    tokens.push_back({raw, trimmed(raw)});
    at = text.find_first_not_of(" \t\r\n", end);
  }
  return tokens;
}

bool is_name(std::string_view word) {
  if (word.empty() || names_nothing(word)) return false;
  return is_upper(word.front()) || static_cast<unsigned char>(word.front()) >= 0x80;
}

// Consecutive capitalised words are one name: "New York".
Words names_of(std::string_view text) {
  Words names;
  bool open = false;
  for (const Token& token : tokens_of(text)) {
    const bool name = is_name(token.word) && !token.raw.ends_with(':');
    if (name && open)
      names.back() += " " + std::string(token.word);
    else if (name)
      names.emplace_back(token.word);
    open = name && !token.ends_phrase();
  }
  return names;
}

// A date is not a number.
std::vector<JsonValue> numbers_of(std::string_view text) {
  static constexpr std::string_view kPart = "0123456789.-";
  std::vector<JsonValue> numbers;
  for (std::size_t at = text.find_first_of(kPart); at != std::string_view::npos;
       at = text.find_first_of(kPart, at)) {
    const std::size_t end = std::min(text.find_first_not_of(kPart, at), text.size());
    std::string_view run = text.substr(at, end - at);
    at = end;
    while (run.ends_with('.') || run.ends_with('-')) run.remove_suffix(1);
    if (auto number = parse_json(run)) numbers.push_back(std::move(*number));
  }
  return numbers;
}

std::optional<std::string> date_in(const Words& words) {
  for (const std::string& word : words)
    if (word.size() == 10 && word[4] == '-' && word[7] == '-' && is_digit(word[0])) return word;
  return std::nullopt;
}

// The longest run of digits and brackets with an operator: "12 * (3 + 4)".
std::optional<std::string> expression_in(std::string_view text) {
  static constexpr std::string_view kPart = "0123456789+-*/^%().x ";
  std::string_view longest;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_of("0123456789(", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_not_of(kPart, begin), text.size());
    std::string_view run = text.substr(begin, end - begin);
    run = run.substr(0, run.find_last_of("0123456789)") + 1);
    if (run.find_first_of("+-*/^%x") != std::string_view::npos && run.size() > longest.size()) longest = run;
    at = end;
  }
  return longest.empty() ? std::nullopt : std::optional(std::string(longest));
}

enum class Wanted { date, expression, whole_text, origin, destination, location, other };

Wanted wanted_by(const Words& property) {
  static const std::vector<std::pair<Wanted, std::vector<std::string_view>>> kNames{
      {Wanted::date, {"date", "day", "when"}},
      {Wanted::expression, {"expression", "formula", "calculation"}},
      {Wanted::whole_text, {"query", "question", "text", "prompt", "message", "input", "content", "search"}},
      {Wanted::origin, {"from", "origin"}},
      {Wanted::destination, {"to", "destination"}},
      {Wanted::location, {"location", "city", "place", "country"}}};
  for (const auto& [wanted, names] : kNames)
    for (const std::string& word : property)
      if (std::ranges::find(names, word) != names.end()) return wanted;
  return Wanted::other;
}

}  // namespace

std::vector<std::string> identifier_words(std::string_view identifier) {
  Words words(1);
  for (std::size_t i = 0; i < identifier.size(); ++i) {
    const char c = identifier[i];
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!letter && !is_digit(c)) {
      words.emplace_back();
      continue;
    }
    if (i > 0 && is_upper(c) && !is_upper(identifier[i - 1])) words.emplace_back();
    words.back() += lower_case(std::string_view(&c, 1));
  }
  std::erase(words, std::string());
  return words;
}

Question::Question(std::string text)
    : text_(std::move(text)), names_(names_of(text_)), numbers_(numbers_of(text_)) {
  for (const Token& token : tokens_of(text_))
    if (!token.word.empty()) words_.emplace_back(token.word);
}

bool Question::mentions(std::string_view word) const {
  return std::ranges::any_of(words_,
                             [&](const std::string& each) { return lower_case(each) == lower_case(word); });
}

std::optional<JsonValue> Question::next_number() {
  return numbers_used_ < numbers_.size() ? std::optional(numbers_[numbers_used_++]) : std::nullopt;
}

std::optional<std::string> Question::next_name() {
  return names_.empty() ? std::nullopt : take_name(names_.begin());
}

std::optional<std::string> Question::take_name(std::vector<std::string>::iterator name) {
  std::optional<std::string> taken(std::move(*name));
  names_.erase(name);
  return taken;
}

// The name that follows the preposition: "in New York".
std::optional<std::string> Question::name_after(std::string_view preposition) {
  for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
    if (lower_case(words_[i]) != preposition) continue;
    const auto name = std::ranges::find_if(names_, [&](const std::string& each) {
      return each == words_[i + 1] || each.starts_with(words_[i + 1] + " ");
    });
    if (name != names_.end()) return take_name(name);
  }
  return std::nullopt;
}

// The one word that follows the preposition: "in tokyo".
std::optional<std::string> Question::word_after(std::string_view preposition) const {
  for (std::size_t i = 0; i + 1 < words_.size(); ++i)
    if (lower_case(words_[i]) == preposition && !names_nothing(words_[i + 1]) && !is_name(words_[i + 1]))
      return words_[i + 1];
  return std::nullopt;
}

std::optional<std::string> Question::following(std::string_view preposition) {
  if (auto name = name_after(preposition)) return name;
  return word_after(preposition);
}

std::optional<std::string> Question::location() {
  static constexpr std::array<std::string_view, 4> kPrepositions{"in", "at", "for", "of"};
  for (const std::string_view preposition : kPrepositions)
    if (auto name = name_after(preposition)) return name;
  if (auto name = next_name()) return name;
  for (const std::string_view preposition : kPrepositions)
    if (auto word = word_after(preposition)) return word;
  return std::nullopt;
}

std::optional<std::string> Question::text_for(std::string_view property) {
  switch (wanted_by(identifier_words(property))) {
    case Wanted::date: return date_in(words_);
    case Wanted::expression: return expression_in(text_);
    case Wanted::origin: return following("from");
    case Wanted::destination: return following("to");
    case Wanted::location: return location();
    case Wanted::whole_text:
      if (const std::string_view whole = trimmed(text_); !whole.empty()) return std::string(whole);
      return std::nullopt;
    case Wanted::other: break;
  }
  return next_name();
}

}  // namespace lmstudio_sim
