// SPDX-License-Identifier: MIT
#include "sessions/conversation_text.hpp"

#include <cstddef>
#include <utility>

#include "base/excerpt.hpp"
#include "base/generation_settings.hpp"
#include "base/json.hpp"
#include "base/try.hpp"
#include "schema/wording.hpp"
#include "sessions/form_reader.hpp"
#include "sessions/message_form.hpp"
#include "sessions/settings_form.hpp"
#include "tachikoma/generation.hpp"

namespace tachikoma::sessions {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr std::string_view kKind = "conversation";
constexpr std::string_view kMore = "more";  // of a message: it is not the last of its turn

/// Reads one line after the other.
class ConversationReader {
 public:
  ConversationReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<StoredConversation> read() {
    TACHIKOMA_TRY_STATUS(read_head());
    while (!text_.empty()) {
      const std::string_view line = take_line();
      const bool is_cut = !has_end_ && !base::parse_json(line);
      if (is_cut)
        cut_line_ = line;
      else
        TACHIKOMA_TRY_STATUS(read_message_line(line));
    }
    set_cut_turn_aside();
    stored_.whole = stored_.whole && has_end_;
    return std::move(stored_);
  }

 private:
  std::string_view take_line() {
    ++line_;
    const std::size_t end = text_.find('\n');
    has_end_ = end != std::string_view::npos;
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(has_end_ ? end + 1 : text_.size());
    return line;
  }

  std::string here() const { return file_ + ":" + std::to_string(line_); }

  Error wrong(const std::string& what, std::string hint = {}) const {
    return Error(ErrorCode::invalid_argument, here() + ": " + what, std::move(hint),
                 Value::object({{"file", file_}, {"line", static_cast<std::int64_t>(line_)}}));
  }

  Result<Value> parse(std::string_view line) const {
    Result<Value> value = base::parse_json(line);
    if (value) return value;
    return wrong(
        "this line is not JSON: " + value.error().message + "; it is '" + base::excerpt(line, 60) + "'",
        "correct the line, or remove it");
  }

  void note_unknown(const FormReader& reader) {
    for (const std::string& name : reader.unknown())
      stored_.notices.push_back(here() + ": '" + base::excerpt(name) +
                                "' is not known to this version of Tachikoma, and is left out");
  }

  Status read_head() {
    TACHIKOMA_TRY(const Value head, parse(take_line()));
    if (head["kind"].as_string() != kKind)
      return wrong("this is not the first line of a conversation: 'kind' is " + schema::shown(head["kind"]) +
                   "; it must be \"conversation\"");
    const std::int64_t version = head["schema_version"].as_integer();
    if (version > kSchemaVersion)
      return wrong("this conversation has the schema " + std::to_string(version) +
                       "; this version of Tachikoma knows " + std::to_string(kSchemaVersion),
                   "read it with the version that wrote it, or a newer one");
    if (version < 1)
      return wrong("'schema_version' is " + schema::shown(head["schema_version"]) + "; it must be 1");
    FormReader reader;
    reader.object(head, [&](std::string_view name, const Value& value) {
      return name == "schema_version" || name == "kind" || read_of_head(reader, name, value);
    });
    if (!reader.fault().empty()) return wrong(reader.fault());
    note_unknown(reader);
    return Done{};
  }

  bool read_of_head(FormReader& reader, std::string_view name, const Value& value) {
    ConversationHead& head = stored_.head;
    if (name == "model") {
      if (reader.require(value.is_string(), value, "a string")) head.model = value.as_string();
    } else if (name == "settings") {
      head.settings = read_settings(reader, value);
    } else if (name == "token_budget") {
      if (reader.require(value.is_null() || value.as_integer() > 0, value, "a number above 0, or null") &&
          !value.is_null())
        head.token_budget = value.as_integer();
    } else {
      return false;
    }
    return true;
  }

  Status read_message_line(std::string_view line) {
    TACHIKOMA_TRY(Value value, parse(line));
    const Value more = value[kMore];
    value.erase(kMore);
    FormReader reader;
    Message message = read_message(reader, value);
    reader.require(more.is_null() || more.is_bool(), more, "an object whose 'more' is true or false");
    if (!reader.fault().empty()) return wrong(reader.fault(), "correct the line, or remove it");
    note_unknown(reader);
    stored_.messages.push_back(std::move(message));
    if (!more.as_bool()) whole_turns_ = stored_.messages.size();
    return Done{};
  }

  // What a program that was killed had begun to write.
  void set_cut_turn_aside() {
    const std::size_t messages = stored_.messages.size() - whole_turns_;
    if (messages == 0 && cut_line_.empty()) return;
    const std::string began = messages ? stored_.messages[whole_turns_].text : std::string(cut_line_);
    stored_.notices.push_back(
        here() + ": the last turn was cut off while it was written, and is left out; it began '" +
        base::excerpt(began, 60) + "'");
    stored_.messages.resize(whole_turns_);
    stored_.whole = false;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t line_ = 0;
  bool has_end_ = false;  // of the line that was read last
  std::string_view cut_line_;
  StoredConversation stored_;
  std::size_t whole_turns_ = 0;  // how many messages they have
};

}  // namespace

std::string to_line(const ConversationHead& head) {
  return base::to_json(
             Value::object({{"schema_version", kSchemaVersion},
                            {"kind", kKind},
                            {"model", head.model},
                            {"settings", base::to_value(head.settings)},
                            {"token_budget", head.token_budget ? Value(*head.token_budget) : Value()}})) +
         "\n";
}

Result<std::string> to_lines(std::span<const Message> turn) {
  std::string lines;
  for (std::size_t i = 0; i < turn.size(); ++i) {
    Value form = to_value(turn[i]);
    if (i + 1 < turn.size()) form.add(kMore, true);
    const std::string line = base::to_json(form);
    if (!turn[i].extra.is_null()) {
      const Result<Value> again = base::parse_json(line);
      if (!again || *again != form)
        return Error(ErrorCode::invalid_argument,
                     "the 'extra' of a message can't be written" +
                         (again ? std::string(": it has what JSON has not") : ": " + again.error().message),
                     "leave it out, or make it plain JSON of few levels");
    }
    lines += line + "\n";
  }
  return lines;
}

bool is_conversation(std::string_view text) {
  const Result<Value> head = base::parse_json(text.substr(0, text.find('\n')));
  return head && (*head)["kind"].as_string() == kKind;
}

Result<StoredConversation> read_conversation(std::string_view text, const std::string& file) {
  return ConversationReader(text, file).read();
}

}  // namespace tachikoma::sessions
