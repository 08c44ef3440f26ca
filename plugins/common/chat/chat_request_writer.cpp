// SPDX-License-Identifier: MIT
#include "common/chat/chat_request_writer.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "base/durations.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "common/chat/response_format.hpp"

namespace tachikoma::kit {
namespace {

// One JSON object being written. It remembers its keys if the user may add members, and does.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ObjectWriter(std::string& out, const Value& extra) : ObjectWriter(out) {
    if (!extra.is_null()) extra_ = &extra;
  }

  // A name that JSON writes as it is.
  std::string& key(std::string_view name) {
    start(name);
    out_ += '"';
    return out_.append(name).append("\":", 2);
  }
  void text(std::string_view name, std::string_view value) { base::append_json_string(key(name), value); }
  // A value that JSON writes as it is.
  void word(std::string_view name, std::string_view value) { (key(name) += '"').append(value) += '"'; }
  // `owner` names the object in an error.
  Status add_extra(std::string_view owner) {
    if (!extra_) return Done{};
    if (!extra_->is_object())
      return Error(ErrorCode::invalid_argument, std::string(owner) + ".extra is not an object");
    for (const Member& member : extra_->members()) {
      if (std::find(keys_.begin(), keys_.end(), member.key) != keys_.end())
        return Error(ErrorCode::invalid_argument,
                     std::string(owner) + ".extra repeats '" + member.key + "', which is written already",
                     "remove '" + member.key + "' from extra and use that field instead");
      start(member.key);
      base::append_json_string(out_, member.key);
      base::append_json(out_ += ':', member.value);
    }
    return Done{};
  }
  void close() { out_ += '}'; }

 private:
  void start(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    if (extra_) keys_.push_back(name);
  }

  std::string& out_;
  bool first_ = true;
  const Value* extra_ = nullptr;
  std::vector<std::string_view> keys_;
};

// A server's template parses arguments as JSON, and fails on truncated or invalid ones. The
// model still sees what it wrote.
std::string valid_arguments(const std::string& arguments) {
  const Result<Value> parsed = base::parse_json(arguments);
  if (parsed && parsed->is_object()) return arguments;
  if (parsed && parsed->is_string()) {  // JSON within JSON
    const Result<Value> inner = base::parse_json(parsed->as_string());
    if (inner && inner->is_object()) return std::string(parsed->as_string());
  }
  return arguments.empty() ? "{}" : base::to_json(Value::object({{"invalid_arguments", arguments}}));
}

void write_calls(std::string& out, const std::vector<ToolCall>& calls) {
  out += '[';
  for (const ToolCall& call : calls) {
    if (&call != &calls.front()) out += ',';
    ObjectWriter object(out);
    object.text("id", call.id);
    object.text("type", "function");
    ObjectWriter function(object.key("function"));
    function.text("name", call.name);
    function.text("arguments", valid_arguments(call.arguments));
    function.close();
    object.close();
  }
  out += ']';
}

void write_image(std::string& out, const Image& image) {
  ObjectWriter object(out);
  object.text("type", "image_url");
  ObjectWriter location(object.key("image_url"));
  std::string& url = location.key("url");
  url += "\"data:" + image.mime_type + ";base64,";
  base::append_base64(url, image.bytes);
  url += '"';
  location.close();
  object.close();
}

// Images first: models are trained to read the question after what it is about.
void write_parts(std::string& out, const Message& message) {
  out += '[';
  for (const Image& image : message.images) {
    if (&image != &message.images.front()) out += ',';
    write_image(out, image);
  }
  if (!message.text.empty()) {
    out += ',';
    ObjectWriter text(out);
    text.text("type", "text");
    text.text("text", message.text);
    text.close();
  }
  out += ']';
}

Status check_images(const Message& message) {
  if (!message.images.empty() && message.role != Role::user)
    return Error(ErrorCode::invalid_argument,
                 "a message of role '" + std::string(to_string(message.role)) + "' has images",
                 "put images into a user turn");
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != ','; };
  for (const Image& image : message.images)
    if (!image.mime_type.starts_with("image/") ||
        !std::all_of(image.mime_type.begin(), image.mime_type.end(), is_plain))
      return Error(ErrorCode::invalid_argument,
                   "an image has the type '" + image.mime_type + "', which is not an image type",
                   "use a type such as image/png");
  return Done{};
}

Status write_message(std::string& out, const Message& message, std::string_view reasoning_field) {
  TACHIKOMA_TRY_STATUS(check_images(message));
  ObjectWriter object(out, message.extra);
  object.word("role", to_string(message.role));
  if (message.images.empty())
    object.text("content", message.text);
  else
    write_parts(object.key("content"), message);
  if (!message.tool_calls.empty()) write_calls(object.key("tool_calls"), message.tool_calls);
  if (!message.tool_calls.empty() && !message.reasoning.empty() && !reasoning_field.empty())
    object.text(reasoning_field, message.reasoning);
  if (!message.tool_call_id.empty()) object.text("tool_call_id", message.tool_call_id);
  Status added = object.add_extra("message");
  object.close();
  return added;
}

// The last message of the user. Reasoning of earlier turns is not sent: templates leave it out, or fail.
const Message* start_of_turn(const std::vector<Message>& messages) {
  const auto user = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Message& message) { return message.role == Role::user; });
  return user == messages.rend() ? nullptr : &*user;
}

void write_tools(std::string& out, std::span<const ToolSpec> tools) {
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

// The tools that the model may see: all, or the one that it must call.
Result<std::span<const ToolSpec>> chosen_tools(const ChatRequest& request) {
  using Mode = ToolChoice::Mode;
  const Mode mode = request.tool_choice ? request.tool_choice->mode : Mode::automatic;
  if (request.tools.empty() && (mode == Mode::required || mode == Mode::named))
    return Error(ErrorCode::invalid_argument, "tool_choice asks for a call, but the request has no tools",
                 "add tools, or leave tool_choice out");
  if (mode != Mode::named) return std::span(request.tools);
  for (const ToolSpec& tool : request.tools)
    if (tool.name == request.tool_choice->name) return std::span(&tool, 1);
  return Error(ErrorCode::invalid_argument,
               "tool_choice names '" + request.tool_choice->name + "', which is not a tool of the request",
               "its tools are " + base::quoted_list(base::texts_of(request.tools, &ToolSpec::name)));
}

std::string_view wire_name(ToolChoice::Mode mode) {
  if (mode == ToolChoice::Mode::automatic) return "auto";
  return mode == ToolChoice::Mode::none ? "none" : "required";
}

Status write_tool_use(ObjectWriter& object, const ChatRequest& request) {
  TACHIKOMA_TRY(const std::span<const ToolSpec> tools, chosen_tools(request));
  if (tools.empty()) return Done{};  // servers refuse a choice without tools; without them all hold
  write_tools(object.key("tools"), tools);
  if (request.tool_choice) object.text("tool_choice", wire_name(request.tool_choice->mode));
  if (request.parallel_tool_calls)
    object.key("parallel_tool_calls") += *request.parallel_tool_calls ? "true" : "false";
  return Done{};
}

// The request field for each setting.
struct WireField {
  std::string_view setting, name;
};
constexpr WireField kWireFields[] = {{"max_tokens", "max_tokens"},
                                     {"temperature", "temperature"},
                                     {"top_p", "top_p"},
                                     {"top_k", "top_k"},
                                     {"min_p", "min_p"},
                                     {"repeat_penalty", "repeat_penalty"},
                                     {"presence_penalty", "presence_penalty"},
                                     {"frequency_penalty", "frequency_penalty"},
                                     {"mirostat", "mirostat"},
                                     {"seed", "seed"},
                                     {"stop_sequences", "stop"},
                                     {"logit_bias", "logit_bias"},
                                     {"reasoning_effort", "reasoning_effort"},
                                     {"draft_model", "draft_model"},
                                     {"ttl", "ttl"}};

constexpr std::string_view field_of(std::string_view setting) {
  for (const WireField& each : kWireFields)
    if (each.setting == setting) return each.name;
  return {};
}

constexpr bool every_setting_has_a_field() {
  bool all = true;
  for_each_generation_setting([&](const char* name, auto, const SettingRule& rule) {
    all = all && (rule.is_for_host || !field_of(name).empty());
  });
  return all;
}
static_assert(every_setting_has_a_field(), "give the new setting its field in kWireFields");

void write(std::string& out, const std::optional<std::int64_t>& number) { out += std::to_string(*number); }
void write(std::string& out, const std::optional<double>& number) { base::append_json_number(out, *number); }
void write(std::string& out, const std::optional<std::chrono::seconds>& time) {
  out += std::to_string(time->count());
}
void write(std::string& out, const std::optional<ReasoningEffort>& effort) {
  base::append_json_string(out, to_string(*effort));
}
void write(std::string& out, const std::string& text) { base::append_json_string(out, text); }
void write(std::string& out, const std::vector<std::string>& texts) {
  base::append_json(out, base::array_of(texts));
}
void write(std::string& out, const std::vector<LogitBias>& biases) {
  ObjectWriter object(out);
  for (const LogitBias& each : biases)
    base::append_json_number(object.key(std::to_string(each.token)), each.bias);
  object.close();
}

// Settings that the server takes in another way, or that the form has another value for.
bool is_sent_otherwise(std::string_view setting, const ChatForm& form) {
  return (setting == "mirostat" && !form.takes_mirostat) || (setting == "ttl" && form.takes_ttl) ||
         (setting == "reasoning_effort" && form.reasoning_effort);
}

void write_settings(ObjectWriter& object, const GenerationSettings& settings, const ChatForm& form) {
  for_each_generation_setting([&](const char* name, auto member, const SettingRule& rule) {
    if (rule.is_for_host || !is_present(settings.*member) || is_sent_otherwise(name, form)) return;
    const bool renamed = form.renames_max_tokens && std::string_view(name) == "max_tokens";
    write(object.key(renamed ? "max_completion_tokens" : field_of(name)), settings.*member);
  });
  if (form.reasoning_effort && !form.reasoning_effort->empty())
    object.text(field_of("reasoning_effort"), *form.reasoning_effort);
}

Error no_such_field(std::string_view setting, const std::string& value, std::string_view hint) {
  return Error(ErrorCode::unsupported,
               "the setting '" + std::string(setting) + "' (" + value +
                   ") can't be delivered: the chat completions API has no such field",
               std::string(hint));
}

Status check_settings(const GenerationSettings& settings, const ChatForm& form) {
  constexpr std::string_view kHint = "remove it, or put the server's own field into extra";
  if (settings.mirostat.value_or(0) != 0 && !form.takes_mirostat)
    return no_such_field("mirostat", std::to_string(*settings.mirostat), form.mirostat_hint);
  if (form.loads_models) return Done{};
  if (!settings.draft_model.empty()) return no_such_field("draft_model", settings.draft_model, kHint);
  if (settings.ttl && !form.takes_ttl) return no_such_field("ttl", base::describe_time(*settings.ttl), kHint);
  return Done{};
}

// Room for the text of a request. A long one gets more than it needs, which costs nothing until it is used.
// But what is free at the end of the heap goes back to the system if it is more than twice the largest block
// that was ever freed; and to get it back for all copies of a long history takes longer than to write one.
std::size_t room_for(const ChatRequest& request) {
  constexpr std::size_t kLong = 1 << 16;
  std::size_t size = 256;
  for (const Message& message : request.messages) size += message.text.size() + message.text.size() / 16 + 64;
  return size < kLong ? size : 4 * size;
}

}  // namespace

Result<std::string> write_chat_request(const ChatRequest& request, const ChatForm& form) {
  TACHIKOMA_TRY_STATUS(check_settings(request.settings, form));
  std::string out;
  out.reserve(room_for(request));
  ObjectWriter object(out, request.settings.extra);
  object.text("model", request.model);
  object.key("messages") += '[';
  const Message* const turn = start_of_turn(request.messages);
  for (const Message& message : request.messages) {
    if (&message != &request.messages.front()) out += ',';
    TACHIKOMA_TRY_STATUS(write_message(out, message, &message > turn ? form.reasoning_field : ""));
  }
  out += ']';
  TACHIKOMA_TRY_STATUS(write_tool_use(object, request));
  if (!request.response_schema.is_null())
    base::append_json(object.key("response_format"),
                      response_format(request.response_schema, form.strict_takes_any_schema));
  write_settings(object, request.settings, form);
  object.key("stream") += "true";
  if (form.takes_stream_options) object.key("stream_options") += R"({"include_usage":true})";
  TACHIKOMA_TRY_STATUS(object.add_extra("settings"));
  object.close();
  return out;
}

}  // namespace tachikoma::kit
