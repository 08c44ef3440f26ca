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

/// What a finding of severity `error` makes unusable.
enum class FindingScope : std::uint8_t {
  server,  ///< nothing else about the server can be examined
  models,  ///< the server answers questions about itself, but its models can't be used
};

/// One thing that is wrong or could be better, and the next step.
struct Finding {
  std::string id = {};  ///< stable, "server-not-running"; for scripts
  Severity severity = Severity::error;
  ErrorCode code = ErrorCode::internal;  ///< for severity `error`: the code that a call would fail with
  std::string title = {};                ///< what is wrong, a sentence without a full stop
  std::string evidence = {};             ///< the observation that shows it
  std::string fix = {};                  ///< the next step
  FindingScope scope = FindingScope::server;
};

/// Offered by a provider that can find out why its server can't be used, or not fully used. [thread-safe]
class SelfDiagnosis {
 public:
  static constexpr std::string_view kId = "tachikoma.self-diagnosis/1";

  /// What is wrong with the server or the connection to it, causes first; empty: nothing is wrong. Sends only
  /// requests that change and load nothing. Fails only when cancelled.
  virtual Result<std::vector<Finding>> examine(const CallContext& context) = 0;

 protected:
  ~SelfDiagnosis() = default;
};

}  // namespace tachikoma
