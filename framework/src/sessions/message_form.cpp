// SPDX-License-Identifier: MIT
#include "sessions/message_form.hpp"

#include <optional>
#include <type_traits>
#include <utility>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma {
namespace sessions {
namespace {

/// Bytes that are no text.
template <class Bytes>
struct Base64 {
  Bytes& bytes;
};

// Calls `visit(name, member)` for every member. The bindings name each of them: a struct that got another one
// does not compile here until that has its name in the JSON form too.
template <class Struct, class Visit>
void for_each_member(Struct& of, const Visit& visit) {
  using Plain = std::remove_const_t<Struct>;
  if constexpr (std::is_same_v<Plain, Message>) {
    auto& [role, text, tool_calls, tool_call_id, reasoning, images, extra] = of;
    visit("role", role);
    visit("text", text);
    visit("tool_calls", tool_calls);
    visit("tool_call_id", tool_call_id);
    visit("reasoning", reasoning);
    visit("images", images);
    visit("extra", extra);
  } else if constexpr (std::is_same_v<Plain, ToolCall>) {
    auto& [id, name, arguments] = of;
    visit("id", id);
    visit("name", name);
    visit("arguments", arguments);
  } else {
    static_assert(std::is_same_v<Plain, Image>);
    auto& [mime_type, bytes] = of;
    visit("mime_type", mime_type);
    visit("base64", Base64<std::remove_reference_t<decltype((bytes))>>{bytes});
  }
}

std::string in_base64(const std::string& bytes) {
  std::string text;
  base::append_base64(text, bytes);
  return text;
}

Value form_of(const Role& role) { return to_string(role); }
Value form_of(const Value& value) { return value; }
Value form_of(const Base64<const std::string>& file) { return in_base64(file.bytes); }

// JSON has no place for bytes that are not UTF-8: a model's arguments, or the id of a call, may have some.
Value form_of(const std::string& text) {
  if (base::is_utf8(text)) return text;
  return Value::object({{"base64", in_base64(text)}});
}

bool is_nothing(const Value& form) {
  return form.is_null() || (form.is_string() && form.as_string().empty()) ||
         (form.is_array() && form.elements().empty());
}

template <class Struct>
Value form_of(const Struct& of);

template <class Struct>
Value form_of(const std::vector<Struct>& list) {
  Value::Array forms;
  for (const Struct& each : list) forms.push_back(form_of(each));
  return forms;
}

template <class Struct>
Value form_of(const Struct& of) {
  Value form = Value::object();
  for_each_member(of, [&](std::string_view name, const auto& member) {
    Value value = form_of(member);
    if (name == "text" || !is_nothing(value)) form.add(name, std::move(value));
  });
  return form;
}

void read_bytes(FormReader& reader, const Value& from, std::string& into) {
  std::optional<std::string> bytes = base::decode_base64(from.as_string());
  if (reader.require(from.is_string() && bytes, from, "base64")) into = *std::move(bytes);
}

void read(FormReader& reader, const Value& from, Role& into) {
  for (const Role role : {Role::system, Role::user, Role::assistant, Role::tool})
    if (from.is_string() && from.as_string() == to_string(role)) {
      into = role;
      return;
    }
  reader.require(false, from, "system, user, assistant or tool");
}

void read(FormReader&, const Value& from, Value& into) { into = from; }

void read(FormReader& reader, const Value& from, Base64<std::string> into) {
  read_bytes(reader, from, into.bytes);
}

void read(FormReader& reader, const Value& from, std::string& into) {
  if (from.members().size() == 1 && from.find("base64")) return read_bytes(reader, from["base64"], into);
  if (reader.require(from.is_string(), from, "a string")) into = from.as_string();
}

template <class Struct>
void read(FormReader& reader, const Value& from, Struct& into);

template <class Struct>
void read(FormReader& reader, const Value& from, std::vector<Struct>& into) {
  into.clear();
  reader.list(from, [&](const Value& each) { read(reader, each, into.emplace_back()); });
}

template <class Struct>
void read(FormReader& reader, const Value& from, Struct& into) {
  reader.object(from, [&](std::string_view name, const Value& value) {
    bool known = false;
    for_each_member(into, [&](std::string_view member, auto&& place) {
      if (member != name) return;
      known = true;
      read(reader, value, place);
    });
    return known;
  });
}

}  // namespace

Message read_message(FormReader& reader, const Value& from) {
  Message message;
  read(reader, from, message);
  if (from.is_object()) reader.require(from.find("role"), from, "an object with a 'role'");
  reader.require(message.extra.is_null() || message.extra.is_object(), from,
                 "an object whose 'extra' is one");
  return message;
}

}  // namespace sessions

Value to_value(const Message& message) { return sessions::form_of(message); }

template <>
Result<Message> from_value<Message>(const Value& value) {
  sessions::FormReader reader;
  Message message = sessions::read_message(reader, value);
  if (!reader.fault().empty())
    return Error(ErrorCode::invalid_argument, "this is not a message: " + reader.fault());
  if (!reader.unknown().empty())
    return Error(ErrorCode::invalid_argument,
                 "this is not a message: '" + reader.unknown().front() + "' is no member of one");
  return message;
}

}  // namespace tachikoma
