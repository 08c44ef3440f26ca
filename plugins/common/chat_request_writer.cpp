// SPDX-License-Identifier: MIT
#include "common/chat_request_writer.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/json.hpp"

namespace tachikoma::kit {
namespace {

// One JSON object being written, which remembers its keys.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  std::string& key(std::string_view name) {
    if (!keys_.empty()) out_ += ',';
    keys_.emplace_back(name);
    base::append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { base::append_json_string(key(name), value); }
  void number(std::string_view name, const std::optional<double>& value) {
    if (value) base::append_json_number(key(name), *value);
  }
  void number(std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) key(name) += std::to_string(*value);
  }
  // `owner` names the object in an error.
  Status merge(const Value& extra, std::string_view owner) {
    if (!extra.is_null() && !extra.is_object())
      return Error(ErrorCode::invalid_argument, std::string(owner) + ".extra is no object");
    for (const Member& member : extra.members()) {
      if (std::find(keys_.begin(), keys_.end(), member.key) != keys_.end())
        return Error(ErrorCode::invalid_argument,
                     std::string(owner) + ".extra repeats '" + member.key + "', which is written already",
                     "remove '" + member.key + "' from extra and use the field of its own");
      base::append_json(key(member.key), member.value);
    }
    return Done{};
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  std::vector<std::string> keys_;
};

void write_calls(std::string& out, const std::vector<ToolCall>& calls) {
  out += '[';
  for (const ToolCall& call : calls) {
    if (&call != &calls.front()) out += ',';
    ObjectWriter object(out);
    object.text("id", call.id);
    object.text("type", "function");
    ObjectWriter function(object.key("function"));
    function.text("name", call.name);
    function.text("arguments", call.arguments);
    function.close();
    object.close();
  }
  out += ']';
}

Status write_message(std::string& out, const Message& message) {
  ObjectWriter object(out);
  object.text("role", to_string(message.role));
  object.text("content", message.text);
  if (!message.tool_calls.empty()) write_calls(object.key("tool_calls"), message.tool_calls);
  if (!message.tool_call_id.empty()) object.text("tool_call_id", message.tool_call_id);
  Status merged = object.merge(message.extra, "message");
  object.close();
  return merged;
}

void write_tools(std::string& out, const std::vector<ToolSpec>& tools) {
  out += '[';
  for (const ToolSpec& tool : tools) {
    if (&tool != &tools.front()) out += ',';
    ObjectWriter object(out);
    object.text("type", "function");
    ObjectWriter function(object.key("function"));
    function.text("name", tool.name);
    if (!tool.description.empty()) function.text("description", tool.description);
    const Value none = Value::object({{"type", "object"}, {"properties", Value::object()}});
    base::append_json(function.key("parameters"), tool.parameters.is_object() ? tool.parameters : none);
    function.close();
    object.close();
  }
  out += ']';
}

void write_settings(ObjectWriter& object, const GenerationSettings& settings) {
  object.number("max_tokens", settings.max_tokens);
  object.number("temperature", settings.temperature);
  object.number("top_p", settings.top_p);
  object.number("top_k", settings.top_k);
  object.number("min_p", settings.min_p);
  object.number("repeat_penalty", settings.repeat_penalty);
  object.number("presence_penalty", settings.presence_penalty);
  object.number("frequency_penalty", settings.frequency_penalty);
  object.number("seed", settings.seed);
  if (!settings.stop_sequences.empty()) {
    Value::Array stops(settings.stop_sequences.begin(), settings.stop_sequences.end());
    base::append_json(object.key("stop"), Value(std::move(stops)));
  }
  if (settings.reasoning_effort) object.text("reasoning_effort", to_string(*settings.reasoning_effort));
}

}  // namespace

Result<std::string> write_chat_request(const ChatRequest& request, std::string_view mirostat_hint) {
  if (request.settings.mirostat.value_or(0) != 0)
    return Error(ErrorCode::unsupported,
                 "the setting 'mirostat' (" + std::to_string(*request.settings.mirostat) +
                     ") can't be delivered: the chat completions API has no such field",
                 std::string(mirostat_hint));
  std::string out;
  ObjectWriter object(out);
  object.text("model", request.model);
  object.key("messages") += '[';
  for (const Message& message : request.messages) {
    if (&message != &request.messages.front()) out += ',';
    if (Status written = write_message(out, message); !written) return std::move(written).error();
  }
  out += ']';
  if (!request.tools.empty()) write_tools(object.key("tools"), request.tools);
  write_settings(object, request.settings);
  object.key("stream") += "true";
  object.key("stream_options") += R"({"include_usage":true})";
  if (Status merged = object.merge(request.settings.extra, "settings"); !merged)
    return std::move(merged).error();
  object.close();
  return out;
}

}  // namespace tachikoma::kit
