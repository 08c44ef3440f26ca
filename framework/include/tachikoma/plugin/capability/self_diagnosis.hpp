// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// One thing that is wrong, or could be better, and the one next step.
/// What a finding of severity `error` makes unusable.
enum class FindingScope : std::uint8_t {
  server,  ///< nothing behind it can be looked at
  models,  ///< the server is there, and tells about itself
};

struct Finding {
  std::string id;  ///< stable, "server-not-running"; for scripts
  Severity severity = Severity::error;
  ErrorCode code = ErrorCode::internal;  ///< of an error: what a call would fail with
  std::string title;                     ///< what is wrong, a sentence without a full stop
  std::string evidence;                  ///< what was seen that shows it
  std::string fix;                       ///< the next step
  FindingScope scope = FindingScope::server;
};

/// Offered by a provider that can find out why its server can't be used, or not fully. [thread-safe]
class SelfDiagnosis {
 public:
  static constexpr std::string_view kId = "tachikoma.self-diagnosis/1";

  /// What is wrong with the way to the server and with the server, the cause of the others first; empty when
  /// all is well. Asks for what is needed to find out, changes nothing, loads nothing. An error only when it
  /// was cancelled.
  virtual Result<std::vector<Finding>> examine(const CallContext& context) = 0;

 protected:
  ~SelfDiagnosis() = default;
};

}  // namespace tachikoma
