// SPDX-License-Identifier: MIT
#include "api_tokens.hpp"

#include <algorithm>

namespace lmstudio_sim {
namespace {

Permission permission_for(std::string_view method, std::string_view path) {
  if (path.starts_with("/api/v1/models/download")) return Permission::download;
  if (path == "/api/v1/models/load" || path == "/api/v1/models/unload") return Permission::load;
  return method == "POST" ? Permission::infer : Permission::list;
}

}  // namespace

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
  if (std::ranges::find(script.tokens, token, &ApiToken::key) != script.tokens.end()) return std::nullopt;
  if (script.api_key.empty() && script.tokens.empty()) return std::nullopt;
  return key_rejected();
}

std::optional<WireError> check_permission(const Script& script, std::string_view token,
                                          std::string_view method, std::string_view path) {
  const auto known = std::ranges::find(script.tokens, token, &ApiToken::key);
  if (known == script.tokens.end()) return std::nullopt;
  const Permission needed = permission_for(method, path);
  if (std::ranges::find(known->may, needed) != known->may.end()) return std::nullopt;
  return native_error(403, "invalid_request", "permission_denied", "",
                      "Permission denied: this LM Studio API token does not allow this request.");
}

}  // namespace lmstudio_sim
