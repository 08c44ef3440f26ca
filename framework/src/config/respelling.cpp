// SPDX-License-Identifier: MIT
#include "config/respelling.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace tachikoma::config {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The number in "\ud83d".
std::optional<unsigned> half_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kDigits = 4;
  if (at + 2 + kDigits > text.size() || !text.substr(at).starts_with("\\u")) return std::nullopt;
  unsigned code = 0;
  const char* digits = text.data() + at + 2;
  if (std::from_chars(digits, digits + kDigits, code, 16).ptr != digits + kDigits) return std::nullopt;
  return code;
}

// Reads just enough of YAML to know where a value starts, and whether it is inside brackets.
class Respeller {
 public:
  explicit Respeller(std::string_view text) : text_(text) {}

  Respelling run() {
    while (at_ < text_.size()) step();
    return std::move(done_);
  }

 private:
  void step() {
    const char c = text_[at_];
    const bool ends_word = at_ + 1 == text_.size() || is_blank(text_[at_ + 1]);
    if (value_starts_ && (c == '"' || c == '\'')) return quoted(c);
    if (c == '#' && (at_ == 0 || is_blank(text_[at_ - 1]))) return copy(text_.find('\n', at_));
    if ((c == '[' || c == '{') && (value_starts_ || depth_ > 0)) {
      ++depth_;
      value_starts_ = true;
    } else if ((c == ']' || c == '}') && depth_ > 0) {
      --depth_;
      value_starts_ = false;
    } else if ((c == ',' && depth_ > 0) || c == '\n' || (c == ':' && (ends_word || after_quote_))) {
      value_starts_ = true;
    } else if (!is_blank(c) && !(c == '-' && ends_word)) {
      if (value_starts_ && depth_ > 0) return plain();
      value_starts_ = false;
    }
    after_quote_ = false;
    copy(at_ + 1);
  }

  void copy(std::size_t end) {
    end = std::min(end, text_.size());
    done_.text += text_.substr(at_, end - at_);
    at_ = end;
  }

  void insert(std::string_view what) {
    done_.edits.push_back({done_.text.size(), -static_cast<std::ptrdiff_t>(what.size())});
    done_.text += what;
  }

  void quoted(char quote) {
    copy(at_ + 1);
    while (at_ < text_.size() && text_[at_] != quote) {
      if (quote == '\'' || text_[at_] != '\\')
        copy(at_ + 1);
      else if (!whole_character())
        copy(at_ + 2);
    }
    copy(at_ + 1);
    value_starts_ = false;
    after_quote_ = depth_ > 0;
  }

  // Two halves as the one character that they mean.
  bool whole_character() {
    constexpr std::size_t kHalf = 6;
    const std::optional<unsigned> high = half_at(text_, at_), low = half_at(text_, at_ + kHalf);
    if (!high || !low || *high < 0xD800 || *high > 0xDBFF || *low < 0xDC00 || *low > 0xDFFF) return false;
    const std::uint32_t code = 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
    constexpr char kHex[] = "0123456789abcdef";
    done_.text += "\\U00";
    for (int shift = 20; shift >= 0; shift -= 4) done_.text += kHex[code >> shift & 15];
    at_ += 2 * kHalf;
    done_.edits.push_back({done_.text.size() - 1, 2});
    return true;
  }

  // A value without quotes: to the next comma, bracket or key, a variable being one piece.
  void plain() {
    std::size_t end = at_;
    bool variable = false;
    while (end < text_.size() && std::string_view(",[]{}\n").find(text_[end]) == std::string_view::npos) {
      if (text_[end] == ':' && end + 1 < text_.size() && is_blank(text_[end + 1])) break;
      const std::size_t close =
          text_.substr(end).starts_with("${") ? text_.find('}', end) : std::string_view::npos;
      variable = variable || close != std::string_view::npos;
      end = close == std::string_view::npos ? end + 1 : close + 1;
    }
    std::string_view value = text_.substr(at_, end - at_);
    while (is_blank(value.back())) value.remove_suffix(1);
    const bool quotable = value.find_first_of("\"\\") == std::string_view::npos;
    if (variable && quotable) insert("\"");
    copy(at_ + value.size());
    if (variable && quotable) insert("\"");
    value_starts_ = false;
    after_quote_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool value_starts_ = true;
  bool after_quote_ = false;  // where a colon needs no blank after it
  Respelling done_;
};

}  // namespace

Respelling respell(std::string_view text) { return Respeller(text).run(); }

}  // namespace tachikoma::config
