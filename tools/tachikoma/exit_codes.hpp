// SPDX-License-Identifier: MIT
#pragma once

#include <tachikoma/plugin/error.hpp>

namespace tachikoma::cli {

/// The reader of stdout has gone: the exit code of a program killed by SIGPIPE.
inline constexpr int kExitReaderGone = 141;

/// A batch of which some requests failed.
inline constexpr int kExitSomeFailed = 12;

/// The exit status that belongs to an error; docs/errors.md has the same table.
constexpr int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return 2;
    case ErrorCode::config_invalid: return 3;
    case ErrorCode::unreachable: return 4;
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden: return 5;
    case ErrorCode::model_not_found:
    case ErrorCode::model_mismatch: return 6;
    case ErrorCode::insufficient_memory:
    case ErrorCode::context_too_long: return 7;
    case ErrorCode::timeout: return 8;
    case ErrorCode::overloaded:
    case ErrorCode::rate_limited: return 9;
    case ErrorCode::plugin_refused:
    case ErrorCode::plugin_fault: return 10;
    case ErrorCode::schema_violation: return 11;
    case ErrorCode::cancelled: return 130;
    case ErrorCode::model_lost:
    case ErrorCode::limit_exceeded:
    case ErrorCode::protocol:
    case ErrorCode::unsupported:
    case ErrorCode::tool_failed:
    case ErrorCode::internal: return 1;
  }
  return 1;
}

}  // namespace tachikoma::cli
