// SPDX-License-Identifier: MIT
#include "world/api_tokens.hpp"

#include <algorithm>

namespace lmstudio_sim {

bool has_token_form(std::string_view token) {
  static constexpr std::string_view kPattern = "sk-lm-########:####################";
  if (token.size() != kPattern.size()) return false;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char c = token[i];
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (kPattern[i] == '#' ? !word : c != kPattern[i]) return false;
  }
  return true;
}

std::optional<std::string> refuse_token(const Script& script, std::string_view token) {
  if (!script.api_key.empty() && token == script.api_key) return std::nullopt;
  if (!has_token_form(token))
    return "Malformed LM Studio API token provided: " + std::string(token.substr(0, 10)) + "***";
  if (std::ranges::find(script.tokens, token, &ApiToken::key) != script.tokens.end()) return std::nullopt;
  if (script.api_key.empty() && script.tokens.empty()) return std::nullopt;
  return "Invalid LM Studio API token provided.";
}

bool is_allowed(const Script& script, std::string_view token, Permission needed) {
  const auto known = std::ranges::find(script.tokens, token, &ApiToken::key);
  return known == script.tokens.end() || std::ranges::find(known->may, needed) != known->may.end();
}

}  // namespace lmstudio_sim
