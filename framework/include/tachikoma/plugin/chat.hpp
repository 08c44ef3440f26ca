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

/// The lanes of a reply. Text that is not marked otherwise is `final`.
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

/// A call that a model asks for.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  ///< JSON text as the model wrote it; it may be invalid
};

/// An image, as a file holds it.
struct Image {
  std::string mime_type;  ///< "image/png"
  std::string bytes;      ///< the file's content, not encoded
};

/// One turn of a conversation, UTF-8.
struct Message {
  Role role = Role::user;
  std::string text;
  std::vector<ToolCall> tool_calls = {};  ///< assistant turns only
  std::string tool_call_id = {};          ///< tool turns only: the call that `text` answers
  std::vector<Image> images = {};         ///< user turns only; shown to the model before `text`
  Value extra = {};  ///< an object of further wire fields, or null; a provider may refuse it
};

/// Whether a tool may be called so: 1 to 64 letters, digits, `_` and `-`, as servers take them.
constexpr bool is_tool_name(std::string_view name) noexcept {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits);
}

/// What a model may call.
struct ToolSpec {
  std::string name;  ///< 1 to 64 letters, digits, `_` and `-`; see `is_tool_name`
  std::string description;
  Value parameters;  ///< a JSON Schema of type object
};

/// Whether the model may, must or must not call a tool.
struct ToolChoice {
  enum class Mode : std::uint8_t {
    automatic,  ///< as the model sees fit
    none,
    required,  ///< at least one call
    named,     ///< a call of the tool `name`
  };
  Mode mode = Mode::automatic;
  std::string name = {};  ///< `named` only
};

/// What a provider is asked to answer.
struct ChatRequest {
  std::string model;  ///< the name the server knows: a model key or an instance id
  std::vector<Message> messages;
  std::vector<ToolSpec> tools = {};
  std::optional<ToolChoice> tool_choice = {};    ///< absent: left to the server
  std::optional<bool> parallel_tool_calls = {};  ///< several calls in one reply; absent: left to the server
  /// A JSON Schema that the answer, JSON text, must fit; null: free text. The host validates the answer.
  Value response_schema = {};
  GenerationSettings settings = {};
};

/// Tokens as the server reported them; absent where it did not.
struct Usage {
  std::optional<std::int64_t> prompt_tokens;
  std::optional<std::int64_t> completion_tokens;  ///< includes reasoning tokens
  std::optional<std::int64_t> reasoning_tokens;

  std::optional<std::int64_t> total_tokens() const {
    if (!prompt_tokens || !completion_tokens) return std::nullopt;
    return *prompt_tokens + *completion_tokens;
  }
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// Why a generation ended. `cancelled` is the host's: the delta callback ended it.
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

/// What a finished chat call returns: only what its sink was not told.
struct ChatOutcome {
  Finish finish = Finish::unknown;
  Usage usage = {};
  std::string served_model = {};  ///< the model that the server says answered; empty when it did not
  Value extra = {};               ///< the server's own timings and the like, an object, or null
};

}  // namespace tachikoma
