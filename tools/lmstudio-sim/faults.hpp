// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "script.hpp"

namespace lmstudio_sim {

/// What a `when` looks at.
struct RequestFacts {
  std::string_view route;
  std::string_view model;
  std::string_view text;  ///< the last user text, the prompt or the input
  std::int64_t tool_results = 0;
  bool stream = false;
};

/// Chooses what a request meets. Counts requests for `nth`, so ask once per request. Thread-safe.
class Deck {
 public:
  explicit Deck(const Script& script);
  /// The first fault whose `when` fits, or nothing.
  std::optional<Fault> fault(const RequestFacts& facts);
  /// The first scripted reply whose `when` fits, or null. Lives as long as the script.
  const ScriptedReply* reply(const RequestFacts& facts);
  void reset();

 private:
  bool fits(const Match& when, const RequestFacts& facts, std::int64_t& seen) const;

  const Script& script_;
  std::mutex mutex_;
  std::vector<std::int64_t> fault_hits_, reply_hits_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
