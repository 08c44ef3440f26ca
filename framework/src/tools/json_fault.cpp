// SPDX-License-Identifier: MIT
#include "tools/json_fault.hpp"

#include <algorithm>
#include <cstddef>

#include "base/utf8.hpp"

namespace tachikoma::tools {
namespace {

constexpr int kMaxDepth = 64;  // as the parser's

// Each function skips what it is named for, or records what it expected where it stopped.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool document() { return value(0) && (skip_space(), at_ == text_.size() || stop("nothing more")); }

  std::string fault() const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? at_ + 1 : at_ - newline;
    return "line " + std::to_string(line) + ", byte " + std::to_string(column) + ": expected " + expected_ +
           ", found " + found();
  }

 private:
  bool stop(const char* expected) {
    expected_ = expected;
    return false;
  }

  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool pass(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  bool value(int depth) {
    skip_space();
    if (depth > kMaxDepth) return stop("less nesting");
    if (next_is('{')) return object(depth);
    if (next_is('[')) return array(depth);
    if (next_is('"')) return string();
    for (const std::string_view word : {"true", "false", "null"})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return true;
      }
    return number();
  }

  bool object(int depth) {
    pass('{');
    skip_space();
    if (pass('}')) return true;
    do {
      skip_space();
      if (!next_is('"')) return stop("a name in double quotes");
      if (!string()) return false;
      skip_space();
      if (!pass(':')) return stop("':'");
      if (!value(depth + 1)) return false;
      skip_space();
    } while (pass(','));
    return pass('}') || stop("',' or '}'");
  }

  bool array(int depth) {
    pass('[');
    skip_space();
    if (pass(']')) return true;
    do {
      if (!value(depth + 1)) return false;
      skip_space();
    } while (pass(','));
    return pass(']') || stop("',' or ']'");
  }

  bool string() {
    pass('"');
    for (; at_ < text_.size(); ++at_) {
      if (pass('"')) return true;
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return stop("an escape such as \\n, or '\"'");
      if (text_[at_] == '\\' && !escape()) return stop("an escape such as \\n or \\u00e9");
    }
    return stop("'\"' at the end of the string");
  }

  // leaves the escape's last character to the loop above
  bool escape() {
    const std::string_view rest = text_.substr(at_ + 1);
    if (rest.empty() || std::string_view("\"\\/bfnrtu").find(rest[0]) == std::string_view::npos) return false;
    const std::size_t length = rest[0] == 'u' ? 5 : 1;
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    if (rest.size() < length || rest.substr(1, length - 1).find_first_not_of(kHex) != std::string_view::npos)
      return false;
    at_ += length;
    return true;
  }

  bool number() {
    const std::size_t start = at_;
    pass('-');
    const bool leading_zero = pass('0');
    if (!leading_zero && !digits()) {
      at_ = start;
      return stop("a value");
    }
    if (pass('.') && !digits()) return stop("a digit");
    if (pass('e') || pass('E')) {
      if (!pass('+')) pass('-');
      if (!digits()) return stop("a digit");
    }
    return true;
  }

  bool digits() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
    return at_ > start;
  }

  std::string found() const {
    if (at_ == text_.size()) return "the end";
    if (text_[at_] == '\n') return "a line break";
    // as much as is useful to a reader, from the start of a character
    std::size_t length = 1;
    while (length < 12 && at_ + length < text_.size() &&
           std::string_view(" ,:}]\n").find(text_[at_ + length]) == std::string_view::npos)
      ++length;
    while (at_ + length < text_.size() && !base::starts_character(text_[at_ + length])) ++length;
    return "'" + std::string(text_.substr(at_, length)) + "'";
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string expected_;
};

}  // namespace

std::string json_fault(std::string_view text) {
  Scanner scanner(text);
  return scanner.document() ? std::string() : scanner.fault();
}

}  // namespace tachikoma::tools
