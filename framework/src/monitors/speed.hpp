// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::monitors {

/// When the pieces of one answer arrived. The first piece comes with the time of reading the prompt, and a
/// server may hold back any number of tokens for it: a speed is measured over what came after it.
class Arrivals {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The first piece arrives.
  void begin(Time now) { first_ = first_end_ = last_ = now; }
  /// A piece of `bytes`, the first one too, has arrived. `now` may be some milliseconds behind.
  void note(Time now, std::size_t bytes) {
    ++pieces_;
    bytes_ += bytes;
    if (now > last_) last_ = now;
    if (now - first_ > kAtOnce && pieces_ > 1) return;
    ++first_pieces_;
    first_bytes_ += bytes;
    if (pieces_ > 1) first_end_ = last_;
  }

  /// The speed of an answer of so many tokens, as the server reported them; unknown, with the reason, if what
  /// was seen does not show it.
  Sourced<double> speed(std::optional<std::int64_t> tokens) const;

 private:
  /// Pieces that arrive within this time of the first came together with it.
  static constexpr std::chrono::milliseconds kAtOnce{8};

  Time first_{}, first_end_{}, last_{};
  std::size_t pieces_ = 0, first_pieces_ = 0, bytes_ = 0, first_bytes_ = 0;
};

/// The speed of two answers with so many tokens. If only one is known, that one.
Sourced<double> combined(Sourced<double> a, double tokens_a, Sourced<double> b, double tokens_b);

}  // namespace tachikoma::monitors
