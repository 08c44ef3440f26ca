// SPDX-License-Identifier: MIT
#include "common/chat/chunk_reader.hpp"

#include "common/chat/lenient_json.hpp"
#include "common/chat/llamacpp_chunks.hpp"
#include "common/chat/lmstudio_events.hpp"

namespace tachikoma::kit {

static_assert(kTailRoom >= simdjson::SIMDJSON_PADDING);

class ChunkReader::Impl {
 public:
  Outcome read(std::string_view json) {
    start();
    simdjson::ondemand::object chunk;
    if (!json_.open(json, chunk)) return Outcome::malformed;
    const Outcome outcome = read_chunk(chunk);
    if (outcome != Outcome::chunk) return outcome;
    if (!json_.at_end()) return Outcome::malformed;
    settle();
    return outcome;
  }

  const ChunkFacts& facts() const { return facts_; }

 private:
  // The lists keep their capacity.
  void start() {
    ChunkFacts fresh;
    fresh.calls.swap(facts_.calls);
    fresh.items.swap(facts_.items);
    fresh.server_calls.swap(facts_.server_calls);
    fresh.calls.clear();
    fresh.items.clear();
    fresh.server_calls.clear();
    facts_ = std::move(fresh);
    llamacpp_.start();
    lmstudio_.start();
    pieces_ = 0;
    raw_text_ = {};
  }

  Outcome read_chunk(simdjson::ondemand::object& chunk) {
    bool complains = false;
    bool fault = false;
    const bool sound = for_each_member(chunk, [&](std::string_view key, Json& value) {
      if (key == "choices") return read_choices(value);
      if (key == "usage") return read_usage(value);
      if (key == "content") return read_text(value, facts_.content);
      if (key == "error") {
        fault = says_something(value);
        return !fault;
      }
      if (key == "model") {
        facts_.model = json_.string_of(value);
      } else if (key == "message" || key == "detail") {
        complains = true;
      } else {
        return llamacpp_.read(key, value) && lmstudio_.read(key, value);
      }
      return true;
    });
    if (fault || (sound && complains && !facts_.is_answer)) return Outcome::fault;
    return sound ? Outcome::chunk : Outcome::malformed;
  }

  // Some servers have an `error` in every chunk: null, false, "" or {}.
  static bool says_something(Json& value) {
    simdjson::ondemand::json_type type;
    bool none = false;
    simdjson::ondemand::object object;
    if (value.type().get(type)) return true;
    switch (type) {
      case simdjson::ondemand::json_type::null: return false;
      case simdjson::ondemand::json_type::boolean: return value.get_bool().get(none) || none;
      case simdjson::ondemand::json_type::string: return !value.raw_json_token().starts_with("\"\"");
      case simdjson::ondemand::json_type::object:
        return value.get_object().get(object) || object.is_empty().get(none) || !none;
      default: return true;
    }
  }

  void settle() {
    lmstudio_.settle();
    llamacpp_.settle();
    const bool lone = pieces_ == 1 && !json_.damaged() && facts_.calls.empty() && facts_.items.empty() &&
                      facts_.finish_reason.empty() && !facts_.ends_answer && facts_.progress < 0 &&
                      !facts_.has_figures;
    if (lone && raw_text_ == (facts_.thinking.empty() ? facts_.content : facts_.thinking))
      facts_.plain_text = raw_text_;
  }

  // Only the first choice is read: we never request more.
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
    facts_.is_answer = true;
    return for_each_member(choice, [&](std::string_view key, Json& value) {
      if (key == "delta" || key == "message") return read_message(value);
      if (key == "text") return read_text(value, facts_.content);
      if (key == "finish_reason") facts_.finish_reason = json_.string_of(value);
      return true;
    });
  }

  bool read_message(Json& value) {
    simdjson::ondemand::object message;
    if (value.get_object().get(message)) return true;
    std::string_view reasoning;
    const bool sound = for_each_member(message, [&](std::string_view key, Json& field) {
      if (key == "content" || key == "refusal") return read_text(field, facts_.content);
      if (key == "reasoning_content") return read_text(field, facts_.thinking);
      if (key == "reasoning") return read_text(field, reasoning);
      if (key == "tool_calls") return read_calls(field);
      if (key == "function_call") return read_lone_call(field);
      return true;
    });
    if (!facts_.thinking.empty()) facts_.thinking_field = "reasoning_content";
    if (facts_.thinking.empty() && !reasoning.empty()) {
      facts_.thinking = reasoning;
      facts_.thinking_field = "reasoning";
    }
    return sound;
  }

  // A string, or a list of parts with texts; `text` grows by it.
  bool read_text(Json& value, std::string_view& text) {
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == simdjson::ondemand::json_type::array) return read_parts(value, text);
    if (type != simdjson::ondemand::json_type::string) return true;
    const std::string_view raw = raw_string(value);
    const std::string_view piece = json_.string_of(value);
    if (piece.empty()) return true;
    ++pieces_;
    raw_text_ = raw;
    text = text.empty() ? piece : json_.keep(std::string(text) + std::string(piece));
    return true;
  }

  bool read_parts(Json& value, std::string_view& text) {
    simdjson::ondemand::array parts;
    if (value.get_array().get(parts)) return false;
    for (auto each : parts) {
      simdjson::ondemand::object part;
      if (each.get_object().get(part)) continue;
      const bool sound = for_each_member(
          part, [&](std::string_view key, Json& field) { return key != "text" || read_text(field, text); });
      if (!sound) return false;
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

  // OpenAI's older form, with a single call.
  bool read_lone_call(Json& value) {
    simdjson::ondemand::object function;
    if (value.get_object().get(function)) return true;
    CallFragment fragment{.index = 0};
    const bool sound = read_function(function, fragment);
    facts_.calls.push_back(fragment);
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
      simdjson::ondemand::json_type type;
      if (key == "name") {
        fragment.name = json_.string_of(value);
      } else if (key == "arguments") {
        if (value.type().get(type)) return false;
        fragment.arguments =
            type == simdjson::ondemand::json_type::object ? json_.object_text(value) : json_.string_of(value);
      }
      return true;
    });
  }

  bool read_usage(Json& value) {
    simdjson::ondemand::object usage;
    if (value.get_object().get(usage)) return true;
    facts_.has_figures = true;
    return for_each_member(usage, [&](std::string_view key, Json& field) {
      std::int64_t tokens = 0;
      simdjson::ondemand::object details;
      if (key == "prompt_tokens" || key == "input_tokens") {
        if (!field.get_int64().get(tokens)) facts_.usage.prompt_tokens = tokens;
      } else if (key == "completion_tokens" || key == "output_tokens") {
        if (!field.get_int64().get(tokens)) facts_.usage.completion_tokens = tokens;
      } else if ((key == "completion_tokens_details" || key == "output_tokens_details") &&
                 !field.get_object().get(details)) {
        if (!details["reasoning_tokens"].get_int64().get(tokens)) facts_.usage.reasoning_tokens = tokens;
      } else if ((key == "prompt_tokens_details" || key == "input_tokens_details") &&
                 !field.get_object().get(details)) {
        if (!details["cached_tokens"].get_int64().get(tokens)) facts_.usage.cached_tokens = tokens;
      }
      return true;
    });
  }

  // The raw bytes between the quotes of a string in the chunk, up to the first escape.
  static std::string_view raw_string(Json& value) {
    std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '"') return {};
    token.remove_prefix(1);
    return token.substr(0, token.find_first_of("\"\\"));
  }

  LenientJson json_;
  ChunkFacts facts_;
  LlamaCppChunks llamacpp_{json_, facts_};
  LmStudioEvents lmstudio_{json_, facts_};
  std::string_view raw_text_;
  int pieces_ = 0;
};

ChunkReader::ChunkReader() : impl_(std::make_unique<Impl>()) {}
ChunkReader::~ChunkReader() = default;
ChunkReader::Outcome ChunkReader::read(std::string_view json) { return impl_->read(json); }
const ChunkFacts& ChunkReader::facts() const { return impl_->facts(); }

}  // namespace tachikoma::kit
