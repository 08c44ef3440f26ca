// SPDX-License-Identifier: MIT
#include "common/chat/unparsed_tool_call.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "common/chat/pending_text.hpp"

namespace tachikoma::kit {
namespace {

bool add_call(const Value& value, std::vector<UnparsedToolCall>& calls) {
  const Value* function = value.find("function");  // {"type":"function","function":{…}}
  const Value& call = function && function->is_object() ? *function : value;
  if (!call.is_object() || !call["name"].is_string() || call["name"].as_string().empty()) return false;
  const Value* arguments = call.find("arguments");
  if (!arguments) arguments = call.find("parameters");
  UnparsedToolCall left;
  if (value["id"].is_string()) left.id = value["id"].as_string();
  left.name = call["name"].as_string();
  if (!arguments || arguments->is_null()) {
    left.arguments = "{}";
  } else if (arguments->is_string()) {
    left.arguments = arguments->as_string();
  } else if (arguments->is_object()) {
    left.arguments = base::to_json(*arguments);
  } else {
    return false;
  }
  calls.push_back(std::move(left));
  return true;
}

bool add_calls(const Value& value, std::vector<UnparsedToolCall>& calls) {
  if (!value.is_array()) return add_call(value, calls);
  return !value.elements().empty() && std::all_of(value.elements().begin(), value.elements().end(),
                                                  [&](const Value& each) { return add_call(each, calls); });
}

// One JSON text on each line.
bool add_lines(std::string_view text, std::vector<UnparsedToolCall>& calls) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(kBlanks) == std::string_view::npos) continue;
    const Result<Value> value = base::parse_json(line);
    if (!value || !add_calls(*value, calls)) return false;
  }
  return !calls.empty();
}

}  // namespace

std::vector<UnparsedToolCall> read_unparsed_tool_calls(std::string_view text) {
  std::vector<UnparsedToolCall> calls;
  const Result<Value> value = base::parse_json(text);
  if (value ? add_calls(*value, calls) : add_lines(text, calls)) return calls;
  return {};
}

}  // namespace tachikoma::kit
