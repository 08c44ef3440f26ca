// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// Finds values in a text for the arguments of a call or the members of a JSON answer: numbers, names, dates.
/// Each number and each name is returned once.
class Question {
 public:
  explicit Question(std::string text);

  const std::string& text() const { return text_; }
  /// A text for a property of this name (`city`, `query`, `startDate`…); nothing when there is none.
  std::optional<std::string> text_for(std::string_view property);
  /// The next number; nothing when there are no more.
  std::optional<JsonValue> next_number();
  /// True when the text contains a name: a capitalised word that does not just begin a sentence.
  bool has_name() const { return !names_.empty(); }
  bool has_number() const { return !numbers_.empty(); }
  /// True when the text contains the word; case-insensitive.
  bool mentions(std::string_view word) const;

 private:
  std::optional<std::string> next_name();
  std::optional<std::string> take_name(std::vector<std::string>::iterator name);
  std::optional<std::string> name_after(std::string_view preposition);
  std::optional<std::string> word_after(std::string_view preposition) const;
  std::optional<std::string> following(std::string_view preposition);
  std::optional<std::string> location();

  std::string text_;
  std::vector<std::string> words_;  // without surrounding punctuation
  std::vector<std::string> names_;  // not returned yet
  std::vector<JsonValue> numbers_;
  std::size_t numbers_used_ = 0;
};

/// The words of an identifier, in lower case: "getCurrent_weather" is get, current, weather.
std::vector<std::string> identifier_words(std::string_view identifier);

}  // namespace lmstudio_sim
