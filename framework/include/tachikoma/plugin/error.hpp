// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// What went wrong, grouped by what the caller can do about it.
enum class ErrorCode : std::uint8_t {
  invalid_argument,     ///< fix the request
  config_invalid,       ///< fix the configuration file
  unreachable,          ///< start the server or correct its address; retryable
  unauthenticated,      ///< supply a valid key
  forbidden,            ///< supply a key with this permission
  model_not_found,      ///< name another model
  model_mismatch,       ///< the server answered with another model than the one asked for
  insufficient_memory,  ///< use a smaller model or context
  context_too_long,     ///< shorten the prompt, or load the model with a larger context
  timeout,              ///< raise the clock named in `detail.clock`
  overloaded,           ///< wait and retry
  rate_limited,         ///< wait `detail.retry_after_ms` and retry
  plugin_refused,       ///< rebuild, replace or trust the plugin file
  plugin_fault,         ///< a plugin violated its contract: report it to its author
  schema_violation,     ///< the model's output does not fit the schema, at `detail.pointer`
  model_lost,           ///< the model was unloaded or crashed during the call; retryable
  protocol,             ///< the server violated its protocol
  unsupported,          ///< this component can't do that
  tool_failed,          ///< a tool reported a failure
  internal,             ///< a bug in Tachikoma: report it
  cancelled,            ///< the caller cancelled it
  limit_exceeded,       ///< what a server sent is larger than the configuration allows
};

/// The code's published name, as in the CLI's JSON: "model_not_found". A static string.
constexpr std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::config_invalid: return "config_invalid";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::unauthenticated: return "unauthenticated";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::model_not_found: return "model_not_found";
    case ErrorCode::model_mismatch: return "model_mismatch";
    case ErrorCode::insufficient_memory: return "insufficient_memory";
    case ErrorCode::context_too_long: return "context_too_long";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::rate_limited: return "rate_limited";
    case ErrorCode::plugin_refused: return "plugin_refused";
    case ErrorCode::plugin_fault: return "plugin_fault";
    case ErrorCode::schema_violation: return "schema_violation";
    case ErrorCode::model_lost: return "model_lost";
    case ErrorCode::protocol: return "protocol";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::tool_failed: return "tool_failed";
    case ErrorCode::internal: return "internal";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
  }
  return "internal";
}

/// One failure: what happened, to what, and what to do next. A plain value.
///
/// `message` names the thing in quotes, says what was found and what was expected, and has no full stop at
/// the end. `hint` is the next step, in one sentence; it may be empty.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;
  bool retryable = false;  ///< the same call may succeed later, unchanged
  int http_status = 0;     ///< 0 when no HTTP reply was involved
  Value detail;            ///< an object, or null; members per code are listed in docs/errors.md

  Error() = default;
  Error(ErrorCode c, std::string m, std::string h = {}, Value d = {})
      : code(c),
        message(std::move(m)),
        hint(std::move(h)),
        retryable(c == ErrorCode::unreachable || c == ErrorCode::overloaded || c == ErrorCode::rate_limited ||
                  c == ErrorCode::model_lost),
        detail(std::move(d)) {}
};

}  // namespace tachikoma
