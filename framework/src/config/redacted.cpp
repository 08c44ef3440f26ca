// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "tachikoma/config.hpp"

namespace tachikoma {
namespace {

constexpr std::string_view kHidden = "•••";

std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size())
      out += token[++i] == '1' ? '/' : '~';
    else
      out += token[i];
  }
  return out;
}

// `value` with what the pointer names hidden. An empty text is no secret: it says that none is set.
Value hide(const Value& value, std::string_view pointer) {
  if (pointer.empty()) {
    const bool nothing =
        value.is_null() || (value.is_string() && value.as_string().empty()) ||
        ((value.is_object() || value.is_array()) && value.members().empty() && value.elements().empty());
    return nothing ? value : Value(kHidden);
  }
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  const std::string token = unescape(pointer.substr(0, end));
  const std::string_view rest = pointer.substr(end);
  Value copy = value;
  if (Value* member = copy.find(token)) {
    *member = hide(*member, rest);
  } else if (value.is_array()) {
    Value::Array elements = value.elements();
    std::size_t index = elements.size();
    std::from_chars(token.data(), token.data() + token.size(), index);
    if (index < elements.size()) elements[index] = hide(elements[index], rest);
    copy = std::move(elements);
  }
  return copy;
}

}  // namespace

Value redacted(const Config& config) {
  Value out = config.effective;
  for (const Origin& origin : config.origins)
    if (origin.secret) out = hide(out, origin.pointer);
  return out;
}

}  // namespace tachikoma
