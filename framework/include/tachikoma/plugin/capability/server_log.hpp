// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma {

/// Receives the lines of a server's log. Lent by the host for one call, called on the thread that runs it.
class ServerLogSink {
 public:
  virtual Flow on_line(Severity severity, std::string_view text) = 0;

 protected:
  ~ServerLogSink() = default;
};

/// Offered by a provider that can read its server's log as it is written. [thread-safe]
class ServerLog {
 public:
  static constexpr std::string_view kId = "tachikoma.server-log/1";

  /// Passes every new line to `sink` until the sink stops it or the call is cancelled; reconnects when the
  /// server comes back. The lines may contain users' text. Fails with `unsupported` if the log can't be read.
  virtual Status follow(ServerLogSink& sink, const CallContext& context) = 0;

 protected:
  ~ServerLog() = default;
};

}  // namespace tachikoma
