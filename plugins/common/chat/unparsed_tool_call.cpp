// SPDX-License-Identifier: MIT
#include "common/chat/unparsed_tool_call.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "common/chat/call_forms.hpp"
#include "common/chat/call_literals.hpp"
#include "common/chat/call_markup.hpp"
#include "common/chat/call_names.hpp"
#include "common/chat/pending_text.hpp"

namespace tachikoma::kit {
namespace {

using Calls = std::vector<UnparsedToolCall>;

const Value* first_of(const Value& object, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys)
    if (const Value* value = object.find(key)) return value;
  return nullptr;
}

bool add_call(const Value& value, Calls& calls) {
  const Value* function = value.find("function");  // {"type":"function","function":{…}}
  const Value& call = function && function->is_object() ? *function : value;
  if (!call.is_object()) return false;
  const Value* name = first_of(call, {"name", "tool_name"});
  if (!name || !name->is_string() || name->as_string().empty()) return false;
  const Value* arguments = first_of(call, {"arguments", "parameters", "tool_input", "args"});
  const Value* id = first_of(value, {"id", "tool_call_id"});
  UnparsedToolCall left;
  if (id && id->is_string()) left.id = id->as_string();
  left.name = name->as_string();
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

// {"add": {"x": 1}}
bool add_by_name(const Value& value, std::span<const ToolSpec> tools, Calls& calls) {
  if (value.members().size() != 1) return false;
  const Member& member = value.members().front();
  if (!member.value.is_object() || !find_tool(tools, member.key)) return false;
  calls.push_back({.name = member.key, .arguments = base::to_json(member.value)});
  return true;
}

bool add_calls(const Value& value, std::span<const ToolSpec> tools, Calls& calls) {
  const auto add = [&](const Value& each) {
    return add_call(each, calls) || add_by_name(each, tools, calls);
  };
  if (!value.is_array()) return add(value);
  return !value.elements().empty() && std::all_of(value.elements().begin(), value.elements().end(), add);
}

// One JSON text on each line.
bool add_lines(std::string_view text, std::span<const ToolSpec> tools, Calls& calls) {
  const std::size_t before = calls.size();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(kBlanks) == std::string_view::npos) continue;
    const Result<Value> value = base::parse_json(line);
    if (!value || !add_calls(*value, tools, calls)) return false;
  }
  return calls.size() > before;
}

bool add_json(std::string_view text, std::span<const ToolSpec> tools, Calls& calls) {
  const Result<Value> value = base::parse_json(text);
  return value ? add_calls(*value, tools, calls) : add_lines(text, tools, calls);
}

// What is in front of the arguments: the name, and with it the word `function`, or the call's id.
bool read_head(std::string_view head, UnparsedToolCall& call) {
  const bool has_id = head.find("[CALL_ID]") != std::string_view::npos;
  std::string text(head);
  for (std::string_view mark : argument_marks())
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;)
      text.replace(at, mark.size(), "\n");
  std::vector<std::string> words;
  for (std::string_view rest = text; !(rest = trimmed(rest)).empty();) {
    const std::size_t end = std::min(rest.find_first_of(kBlanks), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (words.size() == 2 && words[0] == "function") words.erase(words.begin());
  if (words.size() == 2 && has_id) call.id = words[1];
  if (words.empty() || words.size() > (has_id ? 2U : 1U)) return false;
  std::string_view name = words[0];
  constexpr std::string_view kNamespace = "functions.";  // Kimi K2: functions.add:0
  if (name.starts_with(kNamespace)) {
    const std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos) call.id = name;
    name =
        name.substr(kNamespace.size(), colon == std::string_view::npos ? colon : colon - kNamespace.size());
  }
  call.name = name;
  return is_call_name(name);
}

// A name and its arguments; a name alone is a call of a tool that is known.
bool add_named(std::string_view text, std::span<const ToolSpec> tools, Calls& calls) {
  const std::size_t brace = std::min(text.find('{'), text.size());
  std::string_view arguments = trimmed(text.substr(brace));
  if (arguments.ends_with("```")) arguments = trimmed(arguments.substr(0, arguments.size() - 3));
  UnparsedToolCall call;
  if (!read_head(text.substr(0, brace), call)) return false;
  if (arguments.empty()) {
    call.arguments = "{}";
    if (!find_tool(tools, call.name)) return false;
  } else {
    const Result<Value> value = base::parse_json(arguments);
    if (!value || !value->is_object()) return false;
    call.arguments = base::to_json(*value);
  }
  calls.push_back(std::move(call));
  return true;
}

bool add_part(std::string_view part, std::span<const ToolSpec> tools, Calls& calls) {
  for (const auto add : {add_json, add_literals, add_named, add_markup}) {
    const std::size_t before = calls.size();
    if (add(part, tools, calls)) return true;
    calls.resize(before);
  }
  return false;
}

// The parts of `text` between separators.
std::vector<std::string_view> parts_of(std::string_view text) {
  const Markers separators = {"<[", call_separators()};
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    MarkerMatch match = find_marker(text, separators);
    while (!match.whole() && match.at < text.size()) match = find_marker(text, separators, match.at + 1);
    if (const std::string_view part = trimmed(text.substr(0, match.at)); !part.empty()) parts.push_back(part);
    text.remove_prefix(match.whole() ? match.at + separators.words[match.which].size() : text.size());
  }
  return parts;
}

}  // namespace

std::vector<UnparsedToolCall> read_unparsed_tool_calls(std::string_view text,
                                                       std::span<const ToolSpec> tools) {
  Calls calls;
  if (add_json(text, tools, calls)) return calls;  // its texts may have what separates calls elsewhere
  calls.clear();
  for (std::string_view part : parts_of(text))
    if (!add_part(part, tools, calls)) return {};
  return calls;
}

std::string_view without_fence(std::string_view text) {
  constexpr std::string_view kFence = "```";
  const std::string_view whole = trimmed(text);
  if (!whole.starts_with(kFence)) return text;
  const std::size_t line = std::min(whole.find('\n'), whole.size());
  std::string_view inner = whole.substr(line);
  if (inner.ends_with(kFence)) inner.remove_suffix(kFence.size());
  return inner;
}

}  // namespace tachikoma::kit
