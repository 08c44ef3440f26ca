// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world/script.hpp"

namespace lmstudio_sim {

/// What a `when` looks at.
struct RequestFacts {
  std::string_view route;
  std::string_view model;
  std::string_view text;  ///< the last user text, the prompt or the input
  std::int64_t tool_results = 0;
  bool stream = false;
};

/// Chooses what a request meets. Counts requests for `nth` and `first`, so ask once per request.
/// Thread-safe.
class ScriptedResponses {
 public:
  explicit ScriptedResponses(ResponseRules rules);
  /// The first fault whose `when` fits, or nothing.
  std::optional<Fault> next_fault(const RequestFacts& facts);
  /// The first scripted reply whose `when` fits, or null.
  std::shared_ptr<const ScriptedReply> next_reply(const RequestFacts& facts);
  /// Uses other rules from now on, and restarts the counts.
  void replace(ResponseRules rules);
  /// Uses the initial rules, and restarts the counts.
  void reset();

 private:
  void replace(std::shared_ptr<const ResponseRules> rules);
  static bool fits(const Match& when, const RequestFacts& facts, std::int64_t& seen);

  const std::shared_ptr<const ResponseRules> initial_;
  std::mutex mutex_;
  std::shared_ptr<const ResponseRules> rules_;         // guarded by mutex_
  std::vector<std::int64_t> fault_hits_, reply_hits_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
