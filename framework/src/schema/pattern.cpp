// SPDX-License-Identifier: MIT
#include "schema/pattern.hpp"

#include <cctype>
#include <utility>

#include <re2/re2.h>

namespace tachikoma::schema {
namespace {

constexpr std::size_t kMaxLength = 4096;
constexpr std::int64_t kMaxMemory = 1 << 20;

bool is_hex(std::string_view digits) {
  for (const char c : digits)
    if (!std::isxdigit(static_cast<unsigned char>(c))) return false;
  return true;
}

// RE2's form of the ECMA 262 escape at the start of `rest`; `length` becomes its length there.
std::string re2_escape(std::string_view rest, std::size_t& length) {
  length = 2;
  const char kind = rest[1];
  if (kind == 'u' && rest.size() >= 6 && is_hex(rest.substr(2, 4))) {
    length = 6;
    return "\\x{" + std::string(rest.substr(2, 4)) + "}";
  }
  if (kind == 'c' && rest.size() >= 3 && std::isalpha(static_cast<unsigned char>(rest[2]))) {
    constexpr char kHex[] = "0123456789abcdef";
    length = 3;
    const int control = rest[2] & 31;
    return std::string("\\x") + kHex[control >> 4] + kHex[control & 15];
  }
  if (kind == '0') return "\\x00";
  return std::string(rest.substr(0, 2));
}

// ECMA 262 and RE2 agree except for some escapes; `foreign_escape` finds those that only RE2 knows.
std::string to_re2(std::string_view source) {
  std::string out;
  for (std::size_t i = 0; i < source.size();) {
    if (source[i] != '\\' || i + 1 == source.size()) {
      out += source[i++];
      continue;
    }
    std::size_t length = 0;
    out += re2_escape(source.substr(i), length);
    i += length;
  }
  return out;
}

// The first escape that only RE2 knows: \A, \z, \Q…
std::string foreign_escape(std::string_view source) {
  for (std::size_t i = 0; i + 1 < source.size(); ++i) {
    if (source[i] != '\\') continue;
    if (std::string_view("aAzZQEC").find(source[++i]) != std::string_view::npos)
      return std::string(source.substr(i - 1, 2));
  }
  return {};
}

Error unusable(const std::string& source, const std::string& why) {
  return Error(ErrorCode::invalid_argument,
               "the pattern '" + source.substr(0, 200) + "' can't be used: " + why,
               "patterns are those of ECMA 262 without look-around and back references; limit lengths with "
               "'maxLength'");
}

}  // namespace

struct Pattern::Compiled {
  Compiled(std::string text, const re2::RE2::Options& options)
      : source(std::move(text)), expression(to_re2(source), options) {}
  std::string source;
  re2::RE2 expression;
};

Result<Pattern> Pattern::compile(const std::string& source) {
  if (source.size() > kMaxLength)
    return unusable(source, "it is longer than " + std::to_string(kMaxLength) + " bytes");
  if (const std::string escape = foreign_escape(source); !escape.empty())
    return unusable(source, "'" + escape + "' is not an escape of ECMA 262");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto compiled = std::make_shared<const Compiled>(source, options);
  if (!compiled->expression.ok()) return unusable(source, compiled->expression.error());
  return Pattern(std::move(compiled));
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

const std::string& Pattern::source() const { return compiled_->source; }

std::size_t Pattern::cost(std::size_t length) const {
  const auto instructions = static_cast<std::size_t>(compiled_->expression.ProgramSize());
  return 1 + length / 64 * (1 + instructions / 64);
}

}  // namespace tachikoma::schema
