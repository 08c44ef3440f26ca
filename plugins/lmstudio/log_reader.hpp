// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lmstudio/locator.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

struct LogLine {
  Severity severity = Severity::info;
  std::string text;
};

/// A message of LM Studio's log channel as a line; an unknown one is shown unchanged.
LogLine read_log_message(const Value& message);

/// Passes every line of LM Studio's log to `sink`; see `ServerLog::follow`.
Status follow_log(Locator& locator, ServerLogSink& sink, const CallContext& context);

}  // namespace tachikoma::lmstudio
