// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// What a text offers for the arguments of a call or the members of a JSON answer: its numbers,
/// names, dates. Numbers and names are handed out one after another, each once.
class Question {
 public:
  explicit Question(std::string text);

  const std::string& text() const { return text_; }
  /// The text for a property of this name (`city`, `query`, `startDate`…); nothing when there is none.
  std::optional<std::string> text_for(std::string_view property);
  /// The next number; nothing when all were handed out.
  std::optional<JsonValue> next_number();
  /// True when the text names something: a capitalised word that does not merely begin a sentence.
  bool has_name() const { return !names_.empty(); }
  bool has_number() const { return !numbers_.empty(); }
  /// True when the word stands in the text; case does not count.
  bool mentions(std::string_view word) const;

 private:
  std::optional<std::string> next_name();
  std::optional<std::string> take_name(std::vector<std::string>::iterator name);
  std::optional<std::string> name_after(std::string_view preposition);
  std::optional<std::string> word_after(std::string_view preposition) const;
  std::optional<std::string> following(std::string_view preposition);
  std::optional<std::string> location();

  std::string text_;
  std::vector<std::string> words_;  // without the punctuation around them
  std::vector<std::string> names_;  // not handed out yet
  std::vector<JsonValue> numbers_;
  std::size_t numbers_used_ = 0;
};

/// The words of an identifier, in lower case: "getCurrent_weather" is get, current, weather.
std::vector<std::string> identifier_words(std::string_view identifier);

}  // namespace lmstudio_sim
