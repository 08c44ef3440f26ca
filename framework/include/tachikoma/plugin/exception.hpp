// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma {

/// An `Error` as an exception, thrown by `Result::value()`. Catch the subclasses that you handle, and this
/// class for the rest. `what()` is the message, and the hint after a semicolon.
class Exception : public std::exception {
 public:
  explicit Exception(Error error)
      : error_(std::move(error)),
        what_(error_.hint.empty() ? error_.message : error_.message + "; " + error_.hint) {}
  const char* what() const noexcept override { return what_.c_str(); }
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
  std::string what_;
};

struct InvalidArgument : Exception {
  using Exception::Exception;
};
struct Unreachable : Exception {
  using Exception::Exception;
};
struct PluginRefused : Exception {
  using Exception::Exception;
};
struct PluginFault : Exception {
  using Exception::Exception;
};
struct ModelLost : Exception {
  using Exception::Exception;
};
struct ProtocolError : Exception {
  using Exception::Exception;
};
struct Unsupported : Exception {
  using Exception::Exception;
};
struct ToolFailed : Exception {
  using Exception::Exception;
};
struct InternalError : Exception {
  using Exception::Exception;
};
struct Cancelled : Exception {
  using Exception::Exception;
};
struct ContextTooLong : Exception {
  using Exception::Exception;
};
/// The key is missing or wrong (`unauthenticated`), or lacks a permission (`forbidden`).
struct AuthenticationError : Exception {
  using Exception::Exception;
};

/// A configuration file has errors; `error().detail["errors"]` lists every one of them.
struct ConfigError : Exception {
  using Exception::Exception;
  std::string_view file() const { return error().detail["file"].as_string(); }
  std::int64_t line() const { return error().detail["line"].as_integer(); }      ///< from 1; 0 unknown
  std::int64_t column() const { return error().detail["column"].as_integer(); }  ///< from 1; 0 unknown
  std::string_view key() const { return error().detail["key"].as_string(); }
};
struct ModelNotFound : Exception {
  using Exception::Exception;
  std::string_view name() const { return error().detail["name"].as_string(); }
  /// Names similar to the requested one, most similar first.
  std::vector<std::string> near() const {
    std::vector<std::string> names;
    for (const Value& each : error().detail["near"].elements()) names.emplace_back(each.as_string());
    return names;
  }
};
struct ModelMismatch : Exception {
  using Exception::Exception;
  std::string_view asked() const { return error().detail["asked"].as_string(); }
  std::string_view served() const { return error().detail["served"].as_string(); }
};
/// Sizes in bytes; -1 if they are not known. Their sources are empty then.
struct InsufficientMemory : Exception {
  using Exception::Exception;
  /// All that the load needs.
  std::int64_t required() const { return error().detail["required_bytes"].as_integer(-1); }
  std::string_view required_basis() const { return error().detail["required_basis"].as_string(); }
  /// What was free after it failed.
  std::int64_t available() const { return error().detail["available_bytes"].as_integer(-1); }
  std::string_view available_basis() const { return error().detail["available_basis"].as_string(); }
};
struct Timeout : Exception {
  using Exception::Exception;
  /// connect, load, first_token, between_tokens or total.
  std::string_view clock() const { return error().detail["clock"].as_string(); }
};
struct Overloaded : Exception {
  using Exception::Exception;
  /// How long the server asks to wait, in milliseconds; -1 if it did not say.
  std::int64_t retry_after_ms() const { return error().detail["retry_after_ms"].as_integer(-1); }
};
struct LimitExceeded : Exception {
  using Exception::Exception;
  /// The setting that allows no more, such as "policy.answer.text"; empty for a limit that can't be set.
  std::string_view limit() const { return error().detail["limit"].as_string(); }
  std::int64_t allowed() const { return error().detail["allowed"].as_integer(-1); }  ///< -1 unknown
};
struct SchemaViolation : Exception {
  using Exception::Exception;
  std::string_view pointer() const { return error().detail["pointer"].as_string(); }
};

/// Throws the error as the exception type for its code.
[[noreturn]] inline void throw_error(Error error) {
  switch (error.code) {
    case ErrorCode::invalid_argument: throw InvalidArgument(std::move(error));
    case ErrorCode::config_invalid: throw ConfigError(std::move(error));
    case ErrorCode::unreachable: throw Unreachable(std::move(error));
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden: throw AuthenticationError(std::move(error));
    case ErrorCode::model_not_found: throw ModelNotFound(std::move(error));
    case ErrorCode::model_mismatch: throw ModelMismatch(std::move(error));
    case ErrorCode::insufficient_memory: throw InsufficientMemory(std::move(error));
    case ErrorCode::context_too_long: throw ContextTooLong(std::move(error));
    case ErrorCode::timeout: throw Timeout(std::move(error));
    case ErrorCode::overloaded:
    case ErrorCode::rate_limited: throw Overloaded(std::move(error));
    case ErrorCode::plugin_refused: throw PluginRefused(std::move(error));
    case ErrorCode::plugin_fault: throw PluginFault(std::move(error));
    case ErrorCode::schema_violation: throw SchemaViolation(std::move(error));
    case ErrorCode::model_lost: throw ModelLost(std::move(error));
    case ErrorCode::protocol: throw ProtocolError(std::move(error));
    case ErrorCode::unsupported: throw Unsupported(std::move(error));
    case ErrorCode::tool_failed: throw ToolFailed(std::move(error));
    case ErrorCode::cancelled: throw Cancelled(std::move(error));
    case ErrorCode::limit_exceeded: throw LimitExceeded(std::move(error));
    case ErrorCode::internal: break;
  }
  throw InternalError(std::move(error));
}

}  // namespace tachikoma
