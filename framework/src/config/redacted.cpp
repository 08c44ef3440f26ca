// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>

#include "base/json_pointer.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {
namespace {

constexpr std::string_view kHidden = "•••";

// `value` with what the pointer names hidden. An empty text is no secret: it says that none is set.
Value hide(const Value& value, std::string_view pointer) {
  if (pointer.empty()) {
    const bool nothing =
        value.is_null() || (value.is_string() && value.as_string().empty()) ||
        ((value.is_object() || value.is_array()) && value.members().empty() && value.elements().empty());
    return nothing ? value : Value(kHidden);
  }
  const std::string step = base::take_step(pointer);
  Value copy = value;
  if (Value* member = copy.find(step)) {
    *member = hide(*member, pointer);
  } else if (value.is_array()) {
    Value::Array elements = value.elements();
    if (const Value* element = base::find_element(value, step)) {
      Value& hidden = elements[static_cast<std::size_t>(element - value.elements().data())];
      hidden = hide(*element, pointer);
    }
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
