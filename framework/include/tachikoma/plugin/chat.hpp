// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/generation_settings.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

enum class Role : std::uint8_t { system, user, assistant, tool };

/// "system", "user", "assistant" or "tool".
constexpr std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::system: return "system";
    case Role::user: return "user";
    case Role::assistant: return "assistant";
    case Role::tool: return "tool";
  }
  return "user";
}

/// The channels of a reply. Text that is not marked otherwise is `final`.
enum class Channel : std::uint8_t { thinking, analysis, commentary, final };
inline constexpr std::size_t kChannelCount = 4;

/// "thinking", "analysis", "commentary" or "final".
constexpr std::string_view to_string(Channel channel) noexcept {
  switch (channel) {
    case Channel::thinking: return "thinking";
    case Channel::analysis: return "analysis";
    case Channel::commentary: return "commentary";
    case Channel::final: return "final";
  }
  return "final";
}

/// A tool call that a model makes.
struct ToolCall {
  std::string id = {};
  std::string name = {};
  std::string arguments = {};  ///< JSON text as the model wrote it; it may be invalid
};

/// An image, in the format of an image file.
struct Image {
  std::string mime_type = {};  ///< "image/png"
  std::string bytes = {};      ///< the file's content, not encoded
};

/// One turn of a conversation, UTF-8.
struct Message {
  Role role = Role::user;
  std::string text = {};
  std::vector<ToolCall> tool_calls = {};  ///< assistant turns only
  std::string tool_call_id = {};          ///< tool turns only: the call that `text` answers
  std::string reasoning = {};             ///< assistant turns with calls only: what led to them
  std::vector<Image> images = {};         ///< user turns only; they come before `text`
  Value extra = {};  ///< an object of additional wire fields, or null; a provider may refuse it
};

/// True for a valid tool name: 1 to 64 letters, digits, `_` and `-`, as servers accept them.
constexpr bool is_tool_name(std::string_view name) noexcept {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits);
}

/// A tool that a model may call.
struct ToolSpec {
  std::string name = {};  ///< 1 to 64 letters, digits, `_` and `-`; see `is_tool_name`
  std::string description = {};
  Value parameters = {};  ///< a JSON Schema of type object
};

/// Whether the model may, must or must not call a tool.
struct ToolChoice {
  enum class Mode : std::uint8_t {
    automatic,  ///< the model decides
    none,
    required,  ///< at least one call
    named,     ///< a call of the tool `name`
  };
  Mode mode = Mode::automatic;
  std::string name = {};  ///< `named` only
};

/// A chat request, as a provider receives it.
struct ChatRequest {
  std::string model = {};  ///< the name that the server knows: a model key or an instance id
  std::vector<Message> messages = {};
  std::vector<ToolSpec> tools = {};
  std::optional<ToolChoice> tool_choice = {};    ///< absent: left to the server
  std::optional<bool> parallel_tool_calls = {};  ///< several calls in one reply; absent: left to the server
  /// A JSON Schema for the answer, which is then JSON text; null: free text. The host validates the answer.
  Value response_schema = {};
  GenerationSettings settings = {};
};

/// Token counts as the server reported them; absent if it did not.
struct Usage {
  std::optional<std::int64_t> prompt_tokens = {};
  std::optional<std::int64_t> completion_tokens = {};  ///< includes reasoning tokens
  std::optional<std::int64_t> reasoning_tokens = {};
  std::optional<std::int64_t> cached_tokens = {};  ///< prompt tokens that it had read before, and kept

  std::optional<std::int64_t> total_tokens() const {
    if (!prompt_tokens || !completion_tokens) return std::nullopt;
    return *prompt_tokens + *completion_tokens;
  }
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// Why a generation ended. `cancelled` is set by the host only: the delta callback stopped it.
enum class Finish : std::uint8_t { stop, length, tool_calls, content_filter, cancelled, unknown };

/// "stop", "length", "tool_calls", "content_filter", "cancelled" or "unknown".
constexpr std::string_view to_string(Finish finish) noexcept {
  switch (finish) {
    case Finish::stop: return "stop";
    case Finish::length: return "length";
    case Finish::tool_calls: return "tool_calls";
    case Finish::content_filter: return "content_filter";
    case Finish::cancelled: return "cancelled";
    case Finish::unknown: return "unknown";
  }
  return "unknown";
}

/// What a finished chat call returns: everything that did not go to its sink.
struct ChatOutcome {
  Finish finish = Finish::unknown;
  Usage usage = {};
  std::string served_model = {};  ///< the model that answered, as the server names it; empty: it does not
  Value extra = {};               ///< the server's own timings and the like: an object, or null
  /// By the server's own clock; unknown: it reports none.
  Sourced<double> tokens_per_second{};         ///< while generating
  Sourced<double> prompt_tokens_per_second{};  ///< while reading what it had not cached of the prompt
};

}  // namespace tachikoma
