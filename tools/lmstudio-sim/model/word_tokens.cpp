// SPDX-License-Identifier: MIT
#include "model/word_tokens.hpp"

namespace lmstudio_sim {
namespace {

constexpr std::size_t kMaxWordSize = 12;
constexpr std::size_t kMaxNumberSize = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The end of the token that starts at `at`.
std::size_t token_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  if (text[end] == ' ' && end + 1 < text.size() && (is_word(text[end + 1]) || is_digit(text[end + 1]))) ++end;
  const std::size_t start = end;
  if (is_digit(text[end])) {
    while (end < text.size() && is_digit(text[end]) && end - start < kMaxNumberSize) ++end;
    return end;
  }
  if (!is_word(text[end])) return end + 1;
  while (end < text.size() && is_word(text[end]) &&
         (end - start < kMaxWordSize || is_continuation(text[end])))
    ++end;
  return end;
}

}  // namespace

std::vector<std::string_view> tokenize(std::string_view text) {
  std::vector<std::string_view> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = token_end(text, at);
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

std::size_t count_tokens(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = token_end(text, at)) ++count;
  return count;
}

}  // namespace lmstudio_sim
