// SPDX-License-Identifier: MIT
#include "base/partial_json.hpp"

#include <cctype>
#include <charconv>
#include <utility>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

constexpr std::size_t kMaxOpen = kMaxJsonDepth;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '+' || c == '.';
}

void append_utf8(std::string& out, unsigned code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// `text` without an incomplete character at its end.
std::string_view whole_characters(std::string_view text) {
  std::size_t start = text.size();
  for (int back = 0; back < 4 && start > 0; ++back) {
    const auto byte = static_cast<unsigned char>(text[--start]);
    if (byte < 0x80) break;
    if (byte >= 0xC0) return utf8_sequence_length(text.substr(start)) ? text : text.substr(0, start);
  }
  return text;
}

}  // namespace

bool PartialJson::push(std::string_view text) {
  changed_ = false;
  for (const char c : text) {
    if (state_ == State::complete) break;
    take(c);
  }
  show_unfinished_string();
  return changed_;
}

void PartialJson::take(char c) {
  switch (state_) {
    case State::string: return take_string(c);
    case State::escape: return take_escape(c);
    case State::hex: return take_hex(c);
    case State::word:
      if (is_word(c)) {
        text_ += c;
        return;
      }
      end_word();
      if (state_ == State::searching) return take_structure(c);
      [[fallthrough]];
    default: take_structure(c);
  }
}

void PartialJson::take_structure(char c) {
  if (state_ == State::searching) {
    if (c == '{' || c == '[') begin_value(c);
    return;
  }
  if (is_space(c)) return;
  const bool in_array = open_.back()->is_array();
  switch (state_) {
    case State::value_or_end:
      if (c == ']') return end_container();
      [[fallthrough]];
    case State::value: return begin_value(c);
    case State::name_or_end:
      if (c == '}') return end_container();
      [[fallthrough]];
    case State::name:
      if (c != '"') return give_up();
      reading_name_ = true;
      text_.clear();
      state_ = State::string;
      return;
    case State::colon:
      if (c != ':') return give_up();
      state_ = State::value;
      return;
    case State::comma_or_end:
      if (c == (in_array ? ']' : '}')) return end_container();
      if (c != ',') return give_up();
      state_ = in_array ? State::value : State::name;
      return;
    default: return;
  }
}

void PartialJson::begin_value(char c) {
  text_.clear();
  if (c == '{') return open(Value::Object());
  if (c == '[') return open(Value::Array());
  if (c == '"') {
    reading_name_ = false;
    shown_ = nullptr;
    state_ = State::string;
  } else if (is_word(c)) {
    text_ = c;
    state_ = State::word;
  } else {
    give_up();
  }
}

void PartialJson::open(Value container) {
  if (open_.size() == kMaxOpen) return give_up();
  const bool object = container.is_object();
  if (open_.empty()) {
    root_ = std::move(container);
    open_.push_back(&root_);
    changed_ = true;
  } else {
    open_.push_back(&place(std::move(container)));
  }
  state_ = object ? State::name_or_end : State::value_or_end;
}

Value& PartialJson::place(Value value) {
  changed_ = true;
  Value& around = *open_.back();
  return around.is_array() ? around.push_back(std::move(value)) : around.add(name_, std::move(value));
}

void PartialJson::end_container() {
  open_.pop_back();
  state_ = open_.empty() ? State::complete : State::comma_or_end;
}

void PartialJson::end_word() {
  Result<Value> value = parse_json(text_);
  if (!value) return give_up();
  place(*std::move(value));
  state_ = State::comma_or_end;
}

void PartialJson::take_string(char c) {
  if (c == '"') return end_string();
  if (static_cast<unsigned char>(c) < 0x20) return give_up();
  if (c == '\\') {
    state_ = State::escape;
    return;
  }
  if (high_surrogate_) return give_up();
  text_ += c;
}

void PartialJson::take_escape(char c) {
  state_ = State::string;
  if (c == 'u') {
    hex_.clear();
    state_ = State::hex;
    return;
  }
  constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  const std::size_t known = kNames.find(c);
  if (known == std::string_view::npos || high_surrogate_) return give_up();
  text_ += kMeanings[known];
}

void PartialJson::take_hex(char c) {
  if (!std::isxdigit(static_cast<unsigned char>(c))) return give_up();
  hex_ += c;
  if (hex_.size() < 4) return;
  state_ = State::string;
  append_code_unit();
}

void PartialJson::append_code_unit() {
  unsigned unit = 0;
  std::from_chars(hex_.data(), hex_.data() + hex_.size(), unit, 16);
  const bool low = unit >= 0xDC00 && unit < 0xE000;
  if (low != (high_surrogate_ != 0)) return give_up();
  if (low)
    append_utf8(text_, 0x10000 + ((high_surrogate_ - 0xD800) << 10) + (unit - 0xDC00));
  else if (unit < 0xD800 || unit >= 0xE000)
    append_utf8(text_, unit);
  high_surrogate_ = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
}

void PartialJson::end_string() {
  if (high_surrogate_) return give_up();
  if (reading_name_) {
    name_ = std::exchange(text_, {});
    state_ = State::colon;
    return;
  }
  if (!shown_)
    place(Value(std::exchange(text_, {})));
  else if (shown_->as_string().size() != text_.size())
    renew(text_);
  shown_ = nullptr;
  state_ = State::comma_or_end;
}

// Copying the string at each piece would take quadratic time: the longer it is, the more must be new.
void PartialJson::show_unfinished_string() {
  const bool in_string = state_ == State::string || state_ == State::escape || state_ == State::hex;
  if (!in_string || reading_name_) return;
  const std::string_view whole = whole_characters(text_);
  if (!shown_) {
    shown_ = &place(Value(whole));
    return;
  }
  const std::size_t before = shown_->as_string().size();
  if (whole.size() > before + before / 64) renew(whole);
}

void PartialJson::renew(std::string_view text) {
  *shown_ = Value(text);
  changed_ = true;
}

// It was not valid JSON: a later bracket may begin it.
void PartialJson::give_up() {
  state_ = State::searching;
  open_.clear();
  shown_ = nullptr;
  high_surrogate_ = 0;
}

}  // namespace tachikoma::base
