// SPDX-License-Identifier: MIT
#include "yaml_text.hpp"

#include <cstddef>
#include <string_view>

#include <tachikoma/json.hpp>

namespace tachikoma::cli {

std::string yaml_value(const Value& value) {
  std::string text = to_json(value);
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3))
    text.insert(at, "$");
  return text;
}

std::string yaml_key(const std::string& key) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  constexpr std::string_view kMore = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-";
  const bool simple = !key.empty() && kLetters.find(key[0]) != std::string_view::npos &&
                      key.find_first_not_of(kMore) == std::string::npos && key != "null" && key != "Null" &&
                      key != "NULL";
  return simple ? key : to_json(Value(key));
}

}  // namespace tachikoma::cli
