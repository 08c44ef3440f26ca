// SPDX-License-Identifier: MIT
#include "calls/cassette_form.hpp"

#include <array>
#include <type_traits>
#include <utility>

#include "base/base64.hpp"
#include "base/generation_settings.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/text_hash.hpp"
#include "base/utf8.hpp"
#include "calls/form_members.hpp"
#include "schema/wording.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::calls {
namespace {

constexpr std::string_view to_string(ChatEvent::Kind kind) {
  switch (kind) {
    case ChatEvent::Kind::delta: return "delta";
    case ChatEvent::Kind::tool_call: return "tool_call";
    case ChatEvent::Kind::progress: return "progress";
    case ChatEvent::Kind::rechannel: return "rechannel";
    case ChatEvent::Kind::notice: return "notice";
  }
  return "delta";
}

// The last value of each enum that a cassette has.
constexpr ChatEvent::Kind last_of(ChatEvent::Kind) { return ChatEvent::Kind::notice; }
constexpr Channel last_of(Channel) { return Channel::final; }
constexpr Finish last_of(Finish) { return Finish::unknown; }
constexpr Source last_of(Source) { return Source::estimated; }
constexpr ModelKind last_of(ModelKind) { return ModelKind::embedding; }
constexpr ModelState last_of(ModelState) { return ModelState::failed; }
constexpr ErrorCode last_of(ErrorCode) { return ErrorCode::limit_exceeded; }
constexpr Question last_of(Question) { return Question::count_text_tokens; }

template <class T>
concept Struct = std::is_class_v<T> && requires(T& of) {
  for_each_member(of, [](const char*, auto&) {});
};
template <class T>
concept Enum = std::is_enum_v<T>;
template <class T>
concept Number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

Value form_of(const Value& value) { return value; }
Value form_of(bool value) { return value; }

// JSON has no place for bytes that are not UTF-8: a piece of a call's arguments may end within a character.
Value form_of(const std::string& text) {
  if (base::is_utf8(text)) return text;
  std::string bytes;
  base::append_base64(bytes, text);
  return Value::object({{"base64", std::move(bytes)}});
}

template <Number T>
Value form_of(T number) {
  if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(number);
  return static_cast<double>(number);
}
template <Enum T>
Value form_of(T value) {
  return to_string(value);
}
template <class T>
Value form_of(const std::optional<T>& value);
template <class T>
Value form_of(const std::vector<T>& list);

// What is as in a new struct is left out.
template <Struct T>
Value form_of(const T& of) {
  Value form = Value::object();
  T preset{};
  std::vector<Value> presets;
  for_each_member(preset, [&](const char*, const auto& member) { presets.push_back(form_of(member)); });
  std::size_t at = 0;
  for_each_member(const_cast<T&>(of), [&](const char* name, const auto& member) {
    Value value = form_of(member);
    if (value != presets[at++]) form.add(name, std::move(value));
  });
  return form;
}

template <class T>
Value form_of(const std::optional<T>& value) {
  return value ? form_of(*value) : Value();
}
template <class T>
Value form_of(const std::vector<T>& list) {
  Value::Array forms;
  for (const T& each : list) forms.push_back(form_of(each));
  return forms;
}

/// Reads what `form_of` writes. Remembers the first thing that is not so.
class Reader {
 public:
  template <class T>
  static Result<T> read_all(const Value& from) {
    Reader reader;
    T into{};
    reader.read(from, into);
    if (!reader.fault_.empty()) return Error(ErrorCode::invalid_argument, std::move(reader.fault_));
    return into;
  }

 private:
  void read(const Value& from, Value& into) { into = from; }
  void read(const Value& from, bool& into) {
    if (require(from.is_bool(), from, "true or false")) into = from.as_bool();
  }
  void read(const Value& from, std::string& into) {
    if (from.members().size() == 1 && from.find("base64")) {
      std::optional<std::string> bytes = base::decode_base64(from["base64"].as_string());
      if (require(bytes.has_value(), from, "base64")) into = *std::move(bytes);
    } else if (require(from.is_string(), from, "a string")) {
      into = from.as_string();
    }
  }
  template <Number T>
  void read(const Value& from, T& into) {
    if constexpr (std::is_integral_v<T>) {
      if (require(from.is_integer() && std::in_range<T>(from.as_integer()), from, "a whole number"))
        into = static_cast<T>(from.as_integer());
    } else if (require(from.is_number(), from, "a number")) {
      into = static_cast<T>(from.as_real());
    }
  }
  template <Enum T>
  void read(const Value& from, T& into) {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(last_of(T{})); ++i) {
      names.emplace_back(to_string(static_cast<T>(i)));
      if (!from.is_string() || from.as_string() != names.back()) continue;
      into = static_cast<T>(i);
      return;
    }
    require(false, from, schema::quoted_list(names));
  }
  template <class T>
  void read(const Value& from, std::optional<T>& into) {
    read(from, into.emplace());
  }
  template <class T>
  void read(const Value& from, std::vector<T>& into) {
    if (!require(from.is_array(), from, "an array")) return;
    for (std::size_t i = 0; i < from.elements().size(); ++i)
      within("[" + std::to_string(i) + "]", [&] { read(from.elements()[i], into.emplace_back()); });
  }
  template <Struct T>
  void read(const Value& from, T& into) {
    if (!require(from.is_object(), from, "an object")) return;
    for (const Member& member : from.members())
      within((place_.empty() ? "" : ".") + member.key, [&] {
        bool known = false;
        for_each_member(into, [&](const char* name, auto& of) {
          if (member.key != name) return;
          known = true;
          read(member.value, of);
        });
        if (!known && fault_.empty()) fault_ = "'" + place_ + "' is no member of a cassette";
      });
  }

  bool require(bool holds, const Value& found, std::string_view expected) {
    if (!holds && fault_.empty())
      fault_ = (place_.empty() ? "it" : "'" + place_ + "'") + " is " + schema::shown(found) +
               "; it must be " + std::string(expected);
    return holds;
  }
  template <class Read>
  void within(const std::string& part, const Read& read) {
    const std::size_t size = place_.size();
    place_ += part;
    read();
    place_.resize(size);
  }

  std::string place_;
  std::string fault_;
};

// An image may be large, and private: to know it again, its hash is enough.
Value message_form(const Message& message) {
  Message text = message;
  text.images.clear();
  Value form = to_value(text);
  if (message.images.empty()) return form;
  form.set("images", base::array_of(message.images, [](const Image& image) {
             base::TextHash hash;
             hash.add(image.bytes);
             return Value::object({{"mime_type", image.mime_type},
                                   {"bytes", static_cast<std::int64_t>(image.bytes.size())},
                                   {"hash", hash.text()}});
           }));
  return form;
}

}  // namespace

RecordedEvent RecordedEvent::of(const ChatEvent& event, std::chrono::microseconds at) {
  return {at.count(),
          event.kind,
          event.channel,
          event.index,
          event.fraction,
          std::string(event.text),
          std::string(event.id),
          std::string(event.name)};
}

ChatEvent RecordedEvent::event() const {
  return {.kind = kind,
          .channel = channel,
          .index = index,
          .fraction = fraction,
          .text = text,
          .id = id,
          .name = name};
}

Value asked(const ChatRequest& request) {
  GenerationSettings settings = request.settings;
  for_each_generation_setting([&](const char*, auto member, const SettingRule& rule) {
    if (rule.is_for_host) settings.*member = {};
  });
  Value form = Value::object({{"model", form_of(request.model)},
                              {"messages", base::array_of(request.messages, message_form)},
                              {"settings", base::to_value(settings)}});
  if (!request.tools.empty())
    form.set("tools", base::array_of(request.tools, [](const ToolSpec& tool) {
               return Value::object({{"name", form_of(tool.name)},
                                     {"description", form_of(tool.description)},
                                     {"parameters", tool.parameters}});
             }));
  if (request.tool_choice) {
    constexpr std::array<const char*, 4> kModes = {"automatic", "none", "required", "named"};
    form.set("tool_choice", request.tool_choice->mode == ToolChoice::Mode::named
                                ? Value::object({{"name", form_of(request.tool_choice->name)}})
                                : Value(kModes[static_cast<std::size_t>(request.tool_choice->mode)]));
  }
  if (request.parallel_tool_calls) form.set("parallel_tool_calls", *request.parallel_tool_calls);
  if (!request.response_schema.is_null()) form.set("response_schema", request.response_schema);
  return form;
}

Value asked(std::string_view model, std::span<const std::string> texts) {
  return Value::object(
      {{"model", form_of(std::string(model))},
       {"texts", base::array_of(texts, [](const std::string& each) { return form_of(each); })}});
}

Value asked(std::string_view model, std::string_view text) {
  return Value::object({{"model", form_of(std::string(model))}, {"text", form_of(std::string(text))}});
}

Value answer_form(const ChatOutcome& outcome) { return form_of(outcome); }
Value answer_form(const Embeddings& embeddings) { return form_of(embeddings); }
Value answer_form(const std::vector<ModelInfo>& models) { return form_of(models); }
Value answer_form(std::int64_t tokens) { return tokens; }

template <>
Result<ChatOutcome> read_answer(const Value& form) {
  return Reader::read_all<ChatOutcome>(form);
}
template <>
Result<Embeddings> read_answer(const Value& form) {
  return Reader::read_all<Embeddings>(form);
}
template <>
Result<std::vector<ModelInfo>> read_answer(const Value& form) {
  return Reader::read_all<std::vector<ModelInfo>>(form);
}
template <>
Result<std::int64_t> read_answer(const Value& form) {
  return Reader::read_all<std::int64_t>(form);
}

Value to_form(const CassetteHead& head) {
  const Value members = form_of(head);
  Value form = Value::object({{"cassette", head.cassette}});  // said always, and first
  for (const Member& member : members.members()) form.set(member.key, member.value);
  return form;
}
Value to_form(const Interaction& interaction) { return form_of(interaction); }
Result<CassetteHead> read_head(const Value& form) { return Reader::read_all<CassetteHead>(form); }
Result<Interaction> read_interaction(const Value& form) { return Reader::read_all<Interaction>(form); }

}  // namespace tachikoma::calls
