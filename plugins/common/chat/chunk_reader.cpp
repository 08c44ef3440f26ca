// SPDX-License-Identifier: MIT
#include "common/chat/chunk_reader.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "common/chat/chunk_usage.hpp"
#include "common/chat/lenient_json.hpp"
#include "common/chat/llamacpp_chunks.hpp"
#include "common/chat/lmstudio_events.hpp"
#include "common/errors/fault_members.hpp"

namespace tachikoma::kit {

static_assert(kTailRoom >= simdjson::SIMDJSON_PADDING);

class ChunkReader::Impl {
 public:
  Impl() { facts_.ignored.reserve(kUsual); }

  Outcome read(std::string_view json, std::optional<std::int64_t>& choice) {
    start();
    our_index_ = choice;
    simdjson::ondemand::object chunk;
    if (!json_.open(json, chunk)) return Outcome::malformed;
    const Outcome outcome = read_chunk(chunk);
    choice = our_index_;
    if (outcome != Outcome::chunk) return outcome;
    if (!json_.at_end()) return Outcome::malformed;
    settle();
    return outcome;
  }

  const ChunkFacts& facts() const { return facts_; }
  Result<Value> value_of(std::string_view json) { return values_.parse(json); }
  bool small() const { return json_.capacity() <= kSmall; }

 private:
  static constexpr std::size_t kUsual = 8;          // members of a chunk that mean nothing
  static constexpr std::size_t kSmall = 64 * 1024;  // bytes of the largest chunk

  void start() {
    facts_.clear();
    choice_->clear();
    llamacpp_.start();
    lmstudio_.start();
    pieces_ = 0;
    raw_text_ = {};
  }

  Outcome read_chunk(simdjson::ondemand::object& chunk) {
    bool fault = false;
    bool complains = false;
    bool remarks = false;
    bool marked = false;
    const bool sound = for_each_member(chunk, [&](std::string_view key, Json& value) {
      if (key == "choices") return read_choices(value, fault) && !fault;
      if (key == "usage") return read_usage(value, facts_);
      if (key == "content") return read_text(value, facts_.content);
      if (key == "model") {
        facts_.model = json_.string_of(value);
        return true;
      }
      if (const FaultMember* member = fault_member(key)) {
        const bool says = says_something(value);
        fault = says && member->says == FaultMember::Says::error;
        complains = complains || (says && member->says == FaultMember::Says::sentence);
        remarks = remarks || says;
        return !fault;
      }
      const std::optional<bool> mark = marks_fault(key, value);
      marked = marked || mark.value_or(false);
      if (const auto read = llamacpp_.read(key, value)) return *read;
      if (const auto read = lmstudio_.read(key, value)) return *read;
      return mark || ignore(value);
    });
    if (fault) return Outcome::fault;
    if (sound && !facts_.is_answer && (complains || (remarks && marked)))
      return marked ? Outcome::fault : Outcome::complaint;
    return sound ? Outcome::chunk : Outcome::malformed;
  }

  bool ignore(Json& value) {
    facts_.ignored.push_back(value.raw_json_token().data());
    return true;
  }

  // `object: error` of vLLM, `success: false` of gateways, a status of HTTP's. Nullopt: it is none of these.
  std::optional<bool> marks_fault(std::string_view key, Json& value) {
    // as it is written: a text may be unescaped once alone, or the parser's room for texts does not suffice
    if (key == "object" || key == "type") return value.raw_json_token().starts_with("\"error\"");
    bool success = true;
    if (key == "success") return !value.get_bool().get(success) && !success;
    std::int64_t status = 0;
    if (key == "code" || key == "status" || key == "status_code")
      return !value.get_int64().get(status) && status >= 400;
    return std::nullopt;
  }

  void settle() {
    choose_member();
    lmstudio_.settle();
    llamacpp_.settle();
    if (is_lone()) facts_.lone_text = raw_text_;
  }

  bool is_lone() const {
    if (pieces_ != 1 || json_.damaged() || facts_.whole || facts_.has_figures || facts_.progress >= 0 ||
        !facts_.finish_reason.empty() || facts_.ends_answer || !facts_.items.empty() ||
        !facts_.server_calls.empty() || !facts_.refused.tool.empty() || !facts_.refused.reason.empty())
      return false;
    const bool speaks = !facts_.content.empty() || !facts_.thinking.empty();
    if (facts_.calls.empty()) return speaks;
    const CallFragment& call = facts_.calls.front();
    return !speaks && facts_.calls.size() == 1 && call.id.empty() && call.name.empty() &&
           !call.arguments.empty();
  }

  /// What one member of a choice says.
  struct Said {
    std::string_view content = {};
    std::string_view thinking = {};
    std::string_view thinking_field = {};
    std::vector<CallFragment> calls = {};

    bool nothing() const { return content.empty() && thinking.empty() && calls.empty(); }
    void clear() {
      content = thinking = thinking_field = {};
      calls.clear();
    }
  };

  struct Choice {
    Said delta = {};
    Said message = {};
    Said text = {};
    std::string_view finish_reason = {};
    std::optional<std::int64_t> index = {};

    void clear() {
      for (Said* said : {&delta, &message, &text}) said->clear();
      finish_reason = {};
      index.reset();
    }
  };

  // To suit every client, servers send the same text in several members.
  void choose_member() {
    facts_.finish_reason = choice_->finish_reason;
    for (Said* said : {&choice_->delta, &choice_->message, &choice_->text}) {
      if (said->nothing()) continue;
      facts_.content = said->content;
      facts_.thinking = said->thinking;
      facts_.thinking_field = said->thinking_field;
      facts_.calls.swap(said->calls);
      facts_.whole = said != &choice_->delta;
      return;
    }
  }

  bool read_choices(Json& value, bool& fault) {
    simdjson::ondemand::array choices;
    if (value.get_array().get(choices)) return true;
    const bool first = !our_index_;
    bool chosen = false;
    std::size_t position = 0;
    for (auto each : choices) {
      simdjson::ondemand::object choice;
      if (each.get_object().get(choice)) return false;
      read_->clear();
      if (!read_choice(choice, fault)) return false;
      if (!is_ours(first, chosen, position++)) continue;
      chosen = true;
      std::swap(choice_, read_);
    }
    return true;
  }

  // The choice with the lowest number in the first chunk that has numbers; without them, the first of a
  // chunk.
  bool is_ours(bool first, bool chosen, std::size_t position) {
    if (!read_->index) return !chosen && position == 0;
    if (first && (!our_index_ || *read_->index < *our_index_)) {
      our_index_ = read_->index;
      return true;
    }
    return !chosen && our_index_ == read_->index;
  }

  bool read_choice(simdjson::ondemand::object& choice, bool& fault) {
    facts_.is_answer = true;
    return for_each_member(choice, [&](std::string_view key, Json& value) {
      std::int64_t index = 0;
      if (key == "delta") return read_message(value, read_->delta);
      if (key == "message") return read_message(value, read_->message);
      if (key == "text") return read_text(value, read_->text.content);
      if (key == "usage") return read_usage(value, facts_);
      if (key == "finish_reason") {
        read_->finish_reason = json_.string_of(value);
      } else if (key == "index" && !value.get_int64().get(index)) {
        read_->index = index;
      } else if (key == "error") {
        fault = fault || says_something(value);
      } else if (key != "index") {
        return ignore(value);
      }
      return true;
    });
  }

  bool read_message(Json& value, Said& said) {
    simdjson::ondemand::object message;
    if (value.get_object().get(message)) return true;
    std::string_view reasoning, refusal;
    const bool sound = for_each_member(message, [&](std::string_view key, Json& field) {
      if (key == "content") return read_text(field, said.content);
      if (key == "refusal") return read_text(field, refusal);
      if (key == "reasoning_content") return read_text(field, said.thinking);
      if (key == "reasoning") return read_text(field, reasoning);
      if (key == "tool_calls") return read_calls(field, said.calls);
      if (key == "function_call") return read_lone_call(field, said.calls);
      return ignore(field);
    });
    if (!said.thinking.empty()) said.thinking_field = "reasoning_content";
    if (said.thinking.empty() && !reasoning.empty()) {
      said.thinking = reasoning;
      said.thinking_field = "reasoning";
    }
    if (said.content.empty()) said.content = refusal;
    return sound;
  }

  // A string, or a list of parts with texts.
  bool read_text(Json& value, std::string_view& text) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == simdjson::ondemand::json_type::array) return read_parts(value, text);
    if (type != simdjson::ondemand::json_type::string) return true;
    facts_.speaks = true;
    const std::string_view raw = raw_string(value);
    const std::string_view piece = json_.string_of(value);
    if (piece.empty()) return true;
    count_piece(raw);
    text = piece;
    return true;
  }

  bool read_parts(Json& value, std::string_view& text) {
    simdjson::ondemand::array parts;
    if (value.get_array().get(parts)) return false;
    facts_.speaks = true;
    std::string joined;
    for (auto each : parts) {
      simdjson::ondemand::object part;
      if (each.get_object().get(part)) continue;
      std::string_view piece;
      const bool sound = for_each_member(
          part, [&](std::string_view key, Json& field) { return key != "text" || read_text(field, piece); });
      if (!sound) return false;
      joined += piece;
    }
    if (!joined.empty()) text = json_.keep(std::move(joined));
    return true;
  }

  // False for null and whatever else stands for nothing.
  static bool says_something(Json& value) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    const std::string_view token = value.raw_json_token();
    switch (type) {
      case simdjson::ondemand::json_type::null: return false;
      case simdjson::ondemand::json_type::boolean: return token.starts_with("true");
      case simdjson::ondemand::json_type::number: return !token.starts_with("0");
      case simdjson::ondemand::json_type::string: return !token.starts_with("\"\"");
      default: break;
    }
    bool empty = true;
    simdjson::ondemand::object object;
    simdjson::ondemand::array array;
    if (type == simdjson::ondemand::json_type::object)
      return !value.get_object().get(object) && !object.is_empty().get(empty) && !empty;
    return !value.get_array().get(array) && !array.is_empty().get(empty) && !empty;
  }

  bool read_calls(Json& value, std::vector<CallFragment>& out) {
    simdjson::ondemand::array calls;
    if (value.get_array().get(calls)) return true;
    for (auto each : calls) {
      simdjson::ondemand::object call;
      if (each.get_object().get(call)) return false;
      CallFragment fragment;
      if (!read_call(call, fragment)) return false;
      out.push_back(fragment);
    }
    return true;
  }

  // OpenAI's older form, with a single call.
  bool read_lone_call(Json& value, std::vector<CallFragment>& out) {
    simdjson::ondemand::object function;
    if (value.get_object().get(function)) return true;
    CallFragment fragment{.index = 0};
    const bool sound = read_function(function, fragment);
    out.push_back(fragment);
    return sound;
  }

  bool read_call(simdjson::ondemand::object& call, CallFragment& fragment) {
    return for_each_member(call, [&](std::string_view key, Json& value) {
      simdjson::ondemand::object function;
      std::int64_t index = 0;
      if (key == "index") {
        if (!value.get_int64().get(index)) fragment.index = index;
      } else if (key == "id") {
        fragment.id = json_.string_of(value);
      } else if (key == "function" && !value.get_object().get(function)) {
        return read_function(function, fragment);
      }
      return true;
    });
  }

  bool read_function(simdjson::ondemand::object& function, CallFragment& fragment) {
    return for_each_member(function, [&](std::string_view key, Json& value) {
      if (key == "name") {
        fragment.name = json_.string_of(value);
      } else if (key == "arguments") {
        return read_arguments(value, fragment.arguments);
      }
      return true;
    });
  }

  bool read_arguments(Json& value, std::string_view& arguments) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    const std::string_view raw = raw_string(value);
    arguments =
        type == simdjson::ondemand::json_type::object ? json_.object_text(value) : json_.string_of(value);
    if (!arguments.empty()) count_piece(raw);
    return true;
  }

  // A string as it stands in the chunk, between its quotes; empty for anything else.
  static std::string_view raw_string(Json& value) {
    const std::string_view token = value.raw_json_token();
    return token.starts_with('"') ? token.substr(1, token.rfind('"') - 1) : std::string_view();
  }

  void count_piece(std::string_view raw) {
    ++pieces_;
    raw_text_ = raw;
  }

  LenientJson json_;
  base::JsonParser values_;
  ChunkFacts facts_;
  std::array<Choice, 2> choices_;
  Choice* choice_ = &choices_[0];  // the one that counts
  Choice* read_ = &choices_[1];    // the one being read
  std::optional<std::int64_t> our_index_;
  LlamaCppChunks llamacpp_{json_, facts_};
  LmStudioEvents lmstudio_{json_, facts_};
  std::string_view raw_text_;
  int pieces_ = 0;
};

ChunkReader::ChunkReader() : impl_(std::make_unique<Impl>()) {}
ChunkReader::~ChunkReader() = default;
ChunkReader::Outcome ChunkReader::read(std::string_view json, std::optional<std::int64_t>& choice) {
  return impl_->read(json, choice);
}
const ChunkFacts& ChunkReader::facts() const { return impl_->facts(); }
Result<Value> ChunkReader::value_of(std::string_view json) { return impl_->value_of(json); }
bool ChunkReader::small() const { return impl_->small(); }

}  // namespace tachikoma::kit
