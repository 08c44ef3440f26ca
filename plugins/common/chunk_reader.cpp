// SPDX-License-Identifier: MIT
#include "common/chunk_reader.hpp"

#include <deque>
#include <simdjson.h>

#include "base/utf8.hpp"
#include "common/event_stream.hpp"
#include "common/json_text.hpp"

namespace tachikoma::kit {

static_assert(kTailRoom >= simdjson::SIMDJSON_PADDING);

class ChunkReader::Impl {
 public:
  Outcome read(std::string_view json) {
    facts_.calls.clear();
    std::vector<CallFragment> calls = std::move(facts_.calls);
    facts_ = {};
    facts_.calls = std::move(calls);
    texts_.clear();
    pieces_ = 0;
    raw_text_ = {};
    simdjson::ondemand::document document;
    simdjson::error_code failure = open(json, document);
    damaged_ = failure == simdjson::UTF8_ERROR;
    if (damaged_) {
      sound_ = mark_invalid_bytes(json);
      sound_.reserve(sound_.size() + kTailRoom);
      failure = open(sound_, document);
    }
    simdjson::ondemand::object chunk;
    if (failure || document.get_object().get(chunk)) return Outcome::malformed;
    const Outcome outcome = read_chunk(chunk);
    if (outcome != Outcome::chunk) return outcome;
    if (!document.current_location().error()) return Outcome::malformed;  // something follows the object
    const bool lone = pieces_ == 1 && !damaged_ && facts_.calls.empty() && facts_.finish_reason.empty() &&
                      facts_.progress < 0 && !other_facts_;
    if (lone && raw_text_ == (facts_.thinking.empty() ? facts_.content : facts_.thinking))
      facts_.plain_text = raw_text_;
    return outcome;
  }

  const ChunkFacts& facts() const { return facts_; }

 private:
  using Json = simdjson::ondemand::value;

  // The room behind the text is the caller's promise.
  simdjson::error_code open(std::string_view json, simdjson::ondemand::document& document) {
    return parser_.iterate(simdjson::padded_string_view(json.data(), json.size(), json.size() + kTailRoom))
        .get(document);
  }

  Outcome read_chunk(simdjson::ondemand::object& chunk) {
    other_facts_ = false;
    bool complains = false;
    bool chosen = false;
    for (auto member : chunk) {
      std::string_view key;
      Json value;
      if (member.unescaped_key().get(key) || member.value().get(value)) return Outcome::malformed;
      if (key == "choices") {
        chosen = true;
        if (!read_choices(value)) return Outcome::malformed;
      } else if (key == "model") {
        facts_.model = string_of(value);
      } else if (key == "usage") {
        if (!read_usage(value)) return Outcome::malformed;
      } else if (key == "timings" || key == "stats") {
        other_facts_ = true;
        (key == "stats" ? facts_.stats : facts_.timings) = object_text(value);
      } else if (key == "prompt_progress") {
        if (!read_progress(value)) return Outcome::malformed;
      } else if (key == "error") {
        bool null = false;
        if (value.is_null().get(null) || !null) return Outcome::fault;
      } else if (key == "message" || key == "detail") {
        complains = true;
      }
    }
    return complains && !chosen ? Outcome::fault : Outcome::chunk;
  }

  // Only the first choice counts: we never ask for more.
  bool read_choices(Json& value) {
    simdjson::ondemand::array choices;
    if (value.get_array().get(choices)) return true;
    bool first = true;
    for (auto each : choices) {
      simdjson::ondemand::object choice;
      if (each.get_object().get(choice)) return false;
      if (first && !read_choice(choice)) return false;
      first = false;
    }
    return true;
  }

  bool read_choice(simdjson::ondemand::object& choice) {
    facts_.has_choice = true;
    for (auto member : choice) {
      std::string_view key;
      Json value;
      if (member.unescaped_key().get(key) || member.value().get(value)) return false;
      if (key == "delta" || key == "message") {
        if (!read_message(value)) return false;
      } else if (key == "finish_reason") {
        facts_.finish_reason = string_of(value);
      } else if (key == "text") {
        if (!read_text(value, facts_.content)) return false;
      }
    }
    return true;
  }

  bool read_message(Json& value) {
    simdjson::ondemand::object message;
    if (value.get_object().get(message)) return true;
    std::string_view reasoning;
    for (auto member : message) {
      std::string_view key;
      Json field;
      if (member.unescaped_key().get(key) || member.value().get(field)) return false;
      bool good = true;
      if (key == "content" || key == "refusal") {
        good = read_text(field, facts_.content);
      } else if (key == "reasoning_content") {
        good = read_text(field, facts_.thinking);
      } else if (key == "reasoning") {
        good = read_text(field, reasoning);
      } else if (key == "tool_calls") {
        good = read_calls(field);
      }
      if (!good) return false;
    }
    if (facts_.thinking.empty()) facts_.thinking = reasoning;
    return true;
  }

  // A string, or a list of parts with texts; `text` grows by it.
  bool read_text(Json& value, std::string_view& text) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == simdjson::ondemand::json_type::array) return read_parts(value, text);
    if (type != simdjson::ondemand::json_type::string) return true;
    const std::string_view raw = raw_string(value);
    const std::string_view piece = string_of(value);
    if (piece.empty()) return true;
    ++pieces_;
    raw_text_ = raw;
    text = text.empty() ? piece : keep(std::string(text) + std::string(piece));
    return true;
  }

  bool read_parts(Json& value, std::string_view& text) {
    simdjson::ondemand::array parts;
    if (value.get_array().get(parts)) return false;
    for (auto each : parts) {
      simdjson::ondemand::object part;
      if (each.get_object().get(part)) continue;
      for (auto member : part) {
        std::string_view key;
        Json field;
        if (member.unescaped_key().get(key) || member.value().get(field)) return false;
        if (key == "text" && !read_text(field, text)) return false;
      }
    }
    return true;
  }

  bool read_calls(Json& value) {
    simdjson::ondemand::array calls;
    if (value.get_array().get(calls)) return true;
    for (auto each : calls) {
      simdjson::ondemand::object call;
      if (each.get_object().get(call)) return false;
      CallFragment fragment;
      if (!read_call(call, fragment)) return false;
      facts_.calls.push_back(fragment);
    }
    return true;
  }

  bool read_call(simdjson::ondemand::object& call, CallFragment& fragment) {
    for (auto member : call) {
      std::string_view key;
      Json value;
      if (member.unescaped_key().get(key) || member.value().get(value)) return false;
      simdjson::ondemand::object function;
      std::int64_t index = 0;
      if (key == "index") {
        if (!value.get_int64().get(index)) fragment.index = index;
      } else if (key == "id") {
        fragment.id = string_of(value);
      } else if (key == "function" && !value.get_object().get(function)) {
        if (!read_function(function, fragment)) return false;
      }
    }
    return true;
  }

  bool read_function(simdjson::ondemand::object& function, CallFragment& fragment) {
    for (auto member : function) {
      std::string_view key;
      Json value;
      if (member.unescaped_key().get(key) || member.value().get(value)) return false;
      if (key == "name") {
        fragment.name = string_of(value);
      } else if (key == "arguments") {
        simdjson::ondemand::json_type type;
        if (value.type().get(type)) return false;
        fragment.arguments =
            type == simdjson::ondemand::json_type::object ? object_text(value) : string_of(value);
      }
    }
    return true;
  }

  bool read_usage(Json& value) {
    simdjson::ondemand::object usage;
    if (value.get_object().get(usage)) return true;
    other_facts_ = true;
    for (auto member : usage) {
      std::string_view key;
      Json field;
      if (member.unescaped_key().get(key) || member.value().get(field)) return false;
      std::int64_t tokens = 0;
      simdjson::ondemand::object details;
      if (key == "prompt_tokens") {
        if (!field.get_int64().get(tokens)) facts_.usage.prompt_tokens = tokens;
      } else if (key == "completion_tokens") {
        if (!field.get_int64().get(tokens)) facts_.usage.completion_tokens = tokens;
      } else if (key == "completion_tokens_details" && !field.get_object().get(details)) {
        if (!details["reasoning_tokens"].get_int64().get(tokens)) facts_.usage.reasoning_tokens = tokens;
      }
    }
    return true;
  }

  bool read_progress(Json& value) {
    simdjson::ondemand::object progress;
    if (value.get_object().get(progress)) return true;
    double total = 0;
    double processed = 0;
    if (!progress["total"].get_double().get(total) && !progress["processed"].get_double().get(processed) &&
        total > 0 && processed >= 0 && processed <= total)
      facts_.progress = processed / total;
    return true;
  }

  // The bytes between the quotes of a string, as they stand in the chunk, up to the first escape.
  static std::string_view raw_string(Json& value) {
    std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '"') return {};
    token.remove_prefix(1);
    return token.substr(0, token.find_first_of("\"\\"));
  }

  // A string's content; empty for anything else.
  std::string_view string_of(Json& value) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type) || type != simdjson::ondemand::json_type::string) return {};
    const std::string_view token = value.raw_json_token();
    std::string_view text;
    if (value.get_string().get(text)) return keep(unescape_leniently(token));
    return damaged_ ? keep(restore_invalid_bytes(text)) : text;
  }

  static std::string_view object_text(Json& value) {
    std::string_view text;
    simdjson::ondemand::object object;
    if (value.get_object().get(object) || object.raw_json().get(text)) return {};
    return text;
  }

  // Holds a text that is no part of the chunk until the next read.
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  simdjson::ondemand::parser parser_;
  ChunkFacts facts_;
  std::deque<std::string> texts_;
  std::string sound_;  // the chunk with its invalid bytes marked
  std::string_view raw_text_;
  int pieces_ = 0;
  bool damaged_ = false;
  bool other_facts_ = false;
};

ChunkReader::ChunkReader() : impl_(std::make_unique<Impl>()) {}
ChunkReader::~ChunkReader() = default;
ChunkReader::Outcome ChunkReader::read(std::string_view json) { return impl_->read(json); }
const ChunkFacts& ChunkReader::facts() const { return impl_->facts(); }

}  // namespace tachikoma::kit
