// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"
#include "tachikoma/tool_kit.hpp"

namespace tachikoma {

inline Message system_prompt(std::string text) { return {.role = Role::system, .text = std::move(text)}; }
/// Not a message: `system("You are kind")` would otherwise be the C library's, run a shell, and compile.
Message system(const char* text) = delete;  // write system_prompt(text); for a shell: std::system(command)
inline Message user(std::string text) { return {.role = Role::user, .text = std::move(text)}; }
inline Message assistant(std::string text) { return {.role = Role::assistant, .text = std::move(text)}; }
/// The result of the tool call with that id.
inline Message tool_result(std::string call_id, std::string text) {
  return {.role = Role::tool, .text = std::move(text), .tool_call_id = std::move(call_id)};
}

/// What the response cache is for a request, if the configuration has one for the model (docs/cache.md).
enum class CacheUse : std::uint8_t {
  use,      ///< the answer may be one that was given before; else it is kept
  refresh,  ///< the model is asked, and its answer is kept
  bypass,   ///< the model is asked, and its answer is not kept
};

/// What to generate. A plain value; set the fields that you need: `{.model = "chat", .messages = {…}}`. If
/// the compiler only says that it can't convert that, a field is mistyped: with `TextRequest` in front it
/// names the field.
struct TextRequest {
  /// An alias or an address (see ModelRegistry); empty: the registry's selected model.
  std::string model = {};
  std::vector<Message> messages = {};
  /// The tools that the model may call. Calls are run and their results sent back to the model until it
  /// answers.
  ToolKit tools = {};
  ToolRules tool_rules = {};
  std::optional<ToolChoice> tool_choice = {};    ///< for the first step; absent: the server's default
  std::optional<bool> parallel_tool_calls = {};  ///< several calls in one reply; absent: the server's default
  /// Each setting given here overrides those of the model, the provider and the config's defaults.
  GenerationSettings settings = {};
  CacheUse cache = CacheUse::use;
  /// Cancels the generation, on the server too, when a stop is requested.
  std::stop_token stop = {};
};

/// Measurements of one generation: times by the monotonic clock; speeds as the server reports them, else
/// measured.
struct Metrics {
  Sourced<std::chrono::nanoseconds> time_to_first_token{};  ///< from the call to the first delta
  Sourced<std::chrono::nanoseconds> decode_time{};          ///< from the first delta to the end
  Sourced<std::chrono::nanoseconds> total_time{};
  /// While generating, over the steps that it is known of: by the server's own clock; else of the tokens
  /// after the first, whose time is that of reading the prompt too.
  Sourced<double> tokens_per_second{};
  /// While reading prompts, without what was cached: known only if the server reports it.
  Sourced<double> prompt_tokens_per_second{};
};

/// The text of a reply, by channel.
class Channels {
 public:
  /// The channel's text; empty when the model said nothing there.
  const std::string& operator[](Channel channel) const { return text_[static_cast<std::size_t>(channel)]; }
  std::string& operator[](Channel channel) { return text_[static_cast<std::size_t>(channel)]; }
  bool contains(Channel channel) const { return !(*this)[channel].empty(); }

 private:
  std::array<std::string, kChannelCount> text_;
};

/// A finished generation.
struct Reply {
  std::string provider = {};  ///< the id of the provider that answered
  std::string model = {};     ///< the model that answered, as the server names it, if it does
  std::string text = {};      ///< the answer: the channel `final`; after tool calls, that of the last step
  Channels channels = {};     ///< of the last step
  /// Calls that were not run: those of tools without an implementation, and those of the last step. The other
  /// calls of the same turn were run, and their results are in `messages`: append yours, and ask again.
  std::vector<ToolCall> tool_calls = {};
  Finish finish = Finish::unknown;
  Usage usage = {};  ///< the sum over all steps
  /// What this generation adds to the conversation: assistant turns with calls, tool results, the answer.
  std::vector<Message> messages = {};
  std::size_t steps = 1;  ///< how many requests the model answered
  /// The answer was given before, and is of the response cache: no model was asked. `usage` is that of then.
  bool cached = false;
  Metrics metrics = {};
  std::vector<std::string> notices = {};  ///< sentences on what was adjusted or not honoured
  Value extra = {};                       ///< anything else the server reported: an object, or null
};

/// What a request waits for until its model is in memory.
struct Waiting {
  std::size_t ahead = 0;       ///< requests that have waited for longer, for any model of the same memory
  std::string waits_for = {};  ///< the models that it waits for: "lm::a, lm::b"; empty: none but its own
  /// Until it is loaded: from the time that its last load took.
  Sourced<std::chrono::milliseconds> remaining{};
};

/// One event of a streamed generation. Its views are valid until the callback returns, or until the range is
/// incremented.
struct Delta {
  enum class Kind : std::uint8_t {
    text,           ///< more of the answer
    reasoning,      ///< more of a channel other than `final`
    channel_start,  ///< the following text is of `channel`
    rechannel,      ///< all `text` so far was of `channel`: only the end of the reasoning showed it
    tool_call,      ///< a complete call, with its arguments
    tool_result,    ///< what a tool returned
    progress,       ///< `fraction` of `content` ("queue", "load", "prompt") is done
    usage,          ///< `usage` is final
    end,            ///< the last delta: `finish` and `metrics` are final
  };
  Kind kind = Kind::text;
  Channel channel = Channel::final;
  std::string_view content = {};
  const ToolCall* call = nullptr;    ///< tool_call, tool_result
  double fraction = 0;               ///< progress; of "queue" always 0
  const Waiting* waiting = nullptr;  ///< progress of "queue", and of "load" if this runtime loads; else null
  Usage usage = {};                  ///< usage, end
  Finish finish = Finish::unknown;   ///< end
  const Metrics* metrics = nullptr;  ///< end

  /// The next piece of the answer; empty for every other kind, so it can be printed unconditionally.
  std::string_view text() const { return kind == Kind::text ? content : std::string_view(); }
  /// The next piece of the reasoning; empty for every other kind.
  std::string_view reasoning() const { return kind == Kind::reasoning ? content : std::string_view(); }
};

/// "text", "reasoning", "channel_start", "rechannel", "tool_call", "tool_result", "progress", "usage" or
/// "end".
constexpr std::string_view to_string(Delta::Kind kind) noexcept {
  switch (kind) {
    case Delta::Kind::text: return "text";
    case Delta::Kind::reasoning: return "reasoning";
    case Delta::Kind::channel_start: return "channel_start";
    case Delta::Kind::rechannel: return "rechannel";
    case Delta::Kind::tool_call: return "tool_call";
    case Delta::Kind::tool_result: return "tool_result";
    case Delta::Kind::progress: return "progress";
    case Delta::Kind::usage: return "usage";
    case Delta::Kind::end: return "end";
  }
  return "text";
}

/// Called with each delta, on the thread that called `stream_text`. `Flow::stop` ends the generation: the
/// reply is what has arrived so far, with `Finish::cancelled`. An exception ends the generation too, and
/// propagates out of `stream_text`.
using DeltaCallback = std::function<Flow(const Delta&)>;

/// Called once, with the result of an asynchronous generation. Must not block or throw.
using ReplyCallback = std::function<void(Result<Reply>)>;

/// The published JSON forms (docs/json.md).
TACHIKOMA_API Value to_value(const Message& message);
TACHIKOMA_API Value to_value(const Reply& reply);
TACHIKOMA_API Value to_value(const Usage& usage);
TACHIKOMA_API Value to_value(const Metrics& metrics);
template <class T>
Result<T> from_value(const Value& value);
/// Reads what `to_value` writes of a message, without a loss; `invalid_argument` for anything else.
template <>
TACHIKOMA_API Result<Message> from_value<Message>(const Value& value);

}  // namespace tachikoma
