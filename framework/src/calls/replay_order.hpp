// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "calls/cassette.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::calls {

/// Finds the recorded answer to each request. Thread-safe.
///
/// Strict: requests come as they were recorded, one after the other. Loose: in any order; what was asked
/// several times is answered in the recorded order, and from then on with the last answer. So are lists of
/// models, strict or not: when they are read is the host's business.
class ReplayOrder {
 public:
  ReplayOrder(Cassette cassette, ReplayConfig::Match match);

  /// Fails with `invalid_argument`: what differs from what was recorded.
  Result<const Interaction*> next(Question question, const Value& asked);
  /// Those that a strict replay still expects.
  std::vector<const Cassette::Recorded*> left() const;
  const Cassette& cassette() const { return cassette_; }

 private:
  using Recorded = Cassette::Recorded;
  struct Repeated {
    std::vector<const Recorded*> answers;
    std::size_t used = 0;
  };

  Result<const Interaction*> next_in_order(Question question, const Value& asked);
  Result<const Interaction*> next_of_its_kind(Question question, const Value& asked);
  Error is_another(const Recorded& recorded, Question question, const Value& asked) const;
  Error is_not_there(Question question, const Value& asked) const;
  Error unknown(std::string what, const Recorded* recorded, const std::vector<std::string>& differ) const;

  const Cassette cassette_;
  const ReplayConfig::Match match_;
  std::vector<const Recorded*> in_order_;  // what a strict replay compares
  mutable std::mutex mutex_;               // guards what follows
  std::size_t next_ = 0;
  std::map<std::string, Repeated, std::less<>> by_content_;
};

}  // namespace tachikoma::calls
