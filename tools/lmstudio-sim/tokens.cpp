// SPDX-License-Identifier: MIT
#include "tokens.hpp"

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

std::optional<WireError> check_token(const Script& script, std::string_view token) {
  if (!script.api_key.empty() && token == script.api_key) return std::nullopt;
  if (!has_token_form(token)) return key_malformed(token);
  if (script.api_key.empty()) return std::nullopt;
  return key_rejected();
}

}  // namespace lmstudio_sim
