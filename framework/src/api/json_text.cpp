// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma {

Result<Value> parse_json(std::string_view text) { return base::parse_json(text); }
std::string to_json(const Value& value, int indent) { return base::to_json(value, indent); }

}  // namespace tachikoma
