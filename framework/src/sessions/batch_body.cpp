// SPDX-License-Identifier: MIT
#include <string_view>
#include <utility>

#include "base/base64.hpp"
#include "schema/wording.hpp"
#include "sessions/batch_line.hpp"
#include "sessions/settings_form.hpp"

namespace tachikoma::sessions {
namespace {

/// Fields that have one value which asks for nothing.
struct OffField {
  std::string_view name;
  Value off;
};

const std::vector<OffField>& off_fields() {
  static const std::vector<OffField> fields{
      {"n", 1}, {"stream", false}, {"logprobs", false}, {"store", false}};
  return fields;
}

void read_text_of(FormReader& reader, const Value& from, std::string& into) {
  if (reader.require(from.is_string(), from, "a string")) into = from.as_string();
}

// "data:image/png;base64,…"
void read_image_url(FormReader& reader, const Value& from, Message& into) {
  const std::string_view url = from.as_string();
  constexpr std::string_view kData = "data:", kBase64 = ";base64,";
  const std::size_t comma = url.find(kBase64);
  std::optional<std::string> bytes;
  if (url.starts_with(kData) && comma != std::string_view::npos)
    bytes = base::decode_base64(url.substr(comma + kBase64.size()));
  if (!reader.require(bytes.has_value(), from, "the image itself, as data:image/png;base64,…")) return;
  into.images.push_back(
      {.mime_type = std::string(url.substr(kData.size(), comma - kData.size())), .bytes = *std::move(bytes)});
}

void read_part(FormReader& reader, const Value& from, Message& into) {
  reader.object(from, [&](std::string_view name, const Value& value) {
    if (name == "type") {
      const std::string_view type = value.as_string();
      reader.require(type == "text" || type == "image_url", value, "text or image_url");
    } else if (name == "text") {
      std::string text;
      read_text_of(reader, value, text);
      into.text += (into.text.empty() ? "" : "\n") + text;
    } else if (name == "image_url") {
      reader.object(value, [&](std::string_view member, const Value& of) {
        if (member == "url") read_image_url(reader, of, into);
        return member == "url" || (member == "detail" && of.as_string() == "auto");
      });
    } else {
      return false;
    }
    return true;
  });
}

void read_content(FormReader& reader, const Value& from, Message& into) {
  if (from.is_null()) return;
  if (from.is_array())
    reader.list(from, [&](const Value& part) { read_part(reader, part, into); });
  else if (reader.require(from.is_string(), from, "a string or an array of parts"))
    into.text = from.as_string();
}

// `{"type":"function","function":{…}}`: `read(name, value)` is called for the members of the function, and
// for others beside it.
template <class Read>
void read_function(FormReader& reader, const Value& from, const Read& read) {
  reader.object(from, [&](std::string_view name, const Value& value) {
    if (name == "type") return reader.require(value.as_string() == "function", value, "function");
    if (name != "function") return read(name, value);
    reader.object(value, read);
    return true;
  });
}

void read_call(FormReader& reader, const Value& from, ToolCall& into) {
  read_function(reader, from, [&](std::string_view name, const Value& value) {
    if (name != "id" && name != "name" && name != "arguments") return false;
    read_text_of(reader, value, name == "id" ? into.id : name == "name" ? into.name : into.arguments);
    return true;
  });
}

void read_role(FormReader& reader, const Value& from, Role& into) {
  if (from.as_string() == "developer") {
    into = Role::system;
    return;
  }
  for (const Role role : {Role::system, Role::user, Role::assistant, Role::tool})
    if (from.as_string() == to_string(role)) {
      into = role;
      return;
    }
  reader.require(false, from, "system, developer, user, assistant or tool");
}

void read_chat_message(FormReader& reader, const Value& from, Message& into) {
  reader.object(from, [&](std::string_view name, const Value& value) {
    if (name == "role") {
      read_role(reader, value, into.role);
    } else if (name == "content") {
      read_content(reader, value, into);
    } else if (name == "tool_calls") {
      reader.list(value, [&](const Value& call) { read_call(reader, call, into.tool_calls.emplace_back()); });
    } else if (name == "tool_call_id") {
      read_text_of(reader, value, into.tool_call_id);
    } else if (name == "reasoning_content") {
      read_text_of(reader, value, into.reasoning);
    } else if (name == "name") {
      into.extra.set(name, value);
    } else {
      return name == "refusal" && value.is_null();
    }
    return true;
  });
  if (from.is_object()) reader.require(from.find("role") != nullptr, from, "an object with a 'role'");
}

void read_tool(FormReader& reader, const Value& from, ToolKit& into) {
  ToolSpec spec;
  read_function(reader, from, [&](std::string_view name, const Value& value) {
    if (name == "name")
      read_text_of(reader, value, spec.name);
    else if (name == "description")
      read_text_of(reader, value, spec.description);
    else if (name == "parameters")
      spec.parameters = value;
    else
      return name == "strict" && !value.as_bool();
    return true;
  });
  into.add(std::move(spec));
}

void read_tool_choice(FormReader& reader, const Value& from, std::optional<ToolChoice>& into) {
  into.emplace();
  if (from.is_object()) {
    into->mode = ToolChoice::Mode::named;
    read_function(reader, from, [&](std::string_view name, const Value& value) {
      if (name == "name") read_text_of(reader, value, into->name);
      return name == "name";
    });
    return;
  }
  const std::string_view word = from.as_string();
  if (word == "none") into->mode = ToolChoice::Mode::none;
  if (word == "required") into->mode = ToolChoice::Mode::required;
  reader.require(word == "none" || word == "required" || word == "auto", from,
                 "none, auto, required or a function");
}

void read_response_format(FormReader& reader, const Value& from, Value& into) {
  reader.object(from, [&](std::string_view name, const Value& value) {
    if (name == "type") {
      const std::string_view type = value.as_string();
      if (type == "json_object") into = Value::object({{"type", "object"}});
      return reader.require(type == "text" || type == "json_object" || type == "json_schema", value,
                            "text, json_object or json_schema");
    }
    if (name != "json_schema") return false;
    reader.object(value, [&](std::string_view member, const Value& of) {
      if (member == "schema") into = of;
      return member == "schema" || member == "name" || member == "strict" || member == "description";
    });
    reader.require(value.find("schema") != nullptr, value, "an object with a 'schema'");
    return true;
  });
}

bool is_setting(std::string_view name) {
  bool found = name == "extra";
  for_each_generation_setting([&](std::string_view setting, auto, const SettingRule& rule) {
    found = found || (setting == name && !rule.is_for_host);
  });
  return found;
}

// A setting under the name that it has here; false if it is none.
bool take_setting(FormReader& reader, std::string_view name, const Value& value, Value& settings) {
  const std::string_view ours = name == "stop"                    ? "stop_sequences"
                                : name == "max_completion_tokens" ? "max_tokens"
                                                                  : name;
  if (!is_setting(ours)) return false;
  if (value.is_null()) return true;
  if (!reader.require(!settings.find(ours), value, "given once, under one name")) return true;
  settings.add(ours, name == "stop" && value.is_string() ? Value::array({value}) : value);
  return true;
}

}  // namespace

generate::GenerationRequest read_chat_body(FormReader& reader, const Value& body) {
  generate::GenerationRequest request;
  TextRequest& text = request.text;
  Value settings = Value::object();
  reader.object(body, [&](std::string_view name, const Value& value) {
    for (const OffField& field : off_fields())
      if (field.name == name)
        return reader.require(value.is_null() || value == field.off, value, schema::shown(field.off));
    if (name == "model") {
      read_text_of(reader, value, text.model);
    } else if (name == "messages") {
      reader.list(value,
                  [&](const Value& each) { read_chat_message(reader, each, text.messages.emplace_back()); });
    } else if (name == "prompt") {
      std::string prompt;
      read_text_of(reader, value, prompt);
      text.messages.push_back(user(std::move(prompt)));
    } else if (name == "tools") {
      reader.list(value, [&](const Value& each) { read_tool(reader, each, text.tools); });
    } else if (name == "tool_choice") {
      read_tool_choice(reader, value, text.tool_choice);
    } else if (name == "parallel_tool_calls") {
      if (reader.require(value.is_bool(), value, "true or false")) text.parallel_tool_calls = value.as_bool();
    } else if (name == "response_format") {
      read_response_format(reader, value, request.response_schema);
    } else {
      return take_setting(reader, name, value, settings);
    }
    return true;
  });
  if (body.find("prompt"))
    reader.require(!body.find("messages"), body["prompt"], "absent: the line has 'messages' too");
  text.settings = read_settings(reader, settings);
  return request;
}

EmbeddingRequest read_embedding_body(FormReader& reader, const Value& body) {
  EmbeddingRequest request;
  reader.object(body, [&](std::string_view name, const Value& value) {
    if (name == "model") {
      read_text_of(reader, value, request.model);
    } else if (name == "input") {
      if (value.is_array())
        reader.list(value,
                    [&](const Value& each) { read_text_of(reader, each, request.texts.emplace_back()); });
      else
        read_text_of(reader, value, request.texts.emplace_back());
    } else {
      return name == "encoding_format" && value.as_string() == "float";
    }
    return true;
  });
  reader.require(!request.texts.empty(), body, "an object with an 'input'");
  for (const std::string& each : request.texts) reader.require(!each.empty(), body["input"], "not empty");
  return request;
}

}  // namespace tachikoma::sessions
