// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// Parses a JSON object or array from text that is still arriving. Surrounding text is skipped.
///
/// Everything but the end is final: an unfinished string counts as received so far; an
/// unfinished number, word or member name does not count yet. Not movable: it points into itself.
class PartialJson {
 public:
  PartialJson() = default;
  PartialJson(const PartialJson&) = delete;
  PartialJson& operator=(const PartialJson&) = delete;

  /// Takes the next text; true if `value()` has changed. All calls together take time linear in the
  /// text: a long string is therefore renewed only when it has grown by a noticeable part.
  bool push(std::string_view text);

  /// The value so far; null before the object or array has begun.
  const Value& value() const { return root_; }
  /// True once the object or array is closed.
  bool complete() const { return state_ == State::complete; }

 private:
  enum class State {
    searching,  ///< for the first bracket
    value,
    value_or_end,  ///< after '['
    name_or_end,   ///< after '{'
    name,
    colon,
    comma_or_end,
    string,
    escape,
    hex,
    word,  ///< a number, true, false, null
    complete,
  };

  void take(char c);
  void take_structure(char c);
  void take_string(char c);
  void take_escape(char c);
  void take_hex(char c);
  void append_code_unit();
  void begin_value(char c);
  void end_word();
  void end_string();
  void end_container();
  void open(Value container);
  Value& place(Value value);
  void show_unfinished_string();
  void renew(std::string_view text);
  void give_up();

  State state_ = State::searching;
  Value root_;
  std::vector<Value*> open_;   // the containers around this place, the innermost last
  std::string name_;           // of the member whose value comes
  std::string text_;           // the string or word being read
  bool reading_name_ = false;  // the string is a member's name
  Value* shown_ = nullptr;     // the unfinished string, where it was placed
  std::string hex_;
  unsigned high_surrogate_ = 0;
  bool changed_ = false;
};

}  // namespace tachikoma::base
