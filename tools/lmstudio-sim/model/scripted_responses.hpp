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
class Deck {
 public:
  explicit Deck(Cards cards);
  /// The first fault whose `when` fits, or nothing.
  std::optional<Fault> fault(const RequestFacts& facts);
  /// The first scripted reply whose `when` fits, or null.
  std::shared_ptr<const ScriptedReply> reply(const RequestFacts& facts);
  /// Plays other cards from now on, and counts anew.
  void deal(Cards cards);
  /// Plays the cards of the start, and counts anew.
  void reset();

 private:
  void deal(std::shared_ptr<const Cards> cards);
  static bool fits(const Match& when, const RequestFacts& facts, std::int64_t& seen);

  const std::shared_ptr<const Cards> start_;
  std::mutex mutex_;
  std::shared_ptr<const Cards> cards_;                 // guarded by mutex_
  std::vector<std::int64_t> fault_hits_, reply_hits_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
