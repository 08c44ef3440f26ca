// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>

#include "generate/owned_delta.hpp"

namespace tachikoma {

/// The longest time that a delta is held back to join others.
inline constexpr std::chrono::milliseconds kLongestHold{50};

/// Joins deltas into one: at most `size`, all of the same text.
class JoinedDelta {
 public:
  explicit JoinedDelta(std::size_t size) : size_(size) {}

  bool empty() const { return count_ == 0; }
  /// True if nothing more can join it, so it need not be held back.
  bool full() const { return count_ > 0 && (count_ >= size_ || !held_.is_text()); }

  /// Starts over with this delta.
  void start(const Delta& first) {
    held_.assign(first);
    count_ = 1;
  }
  /// Adds `next`; false if it is not of the same text or does not fit any more: it starts another one.
  bool join(const Delta& next) {
    if (empty() || full() || !held_.is_continued_by(next)) return false;
    held_.append(next.content);
    ++count_;
    return true;
  }
  void clear() { count_ = 0; }
  const Delta& view() { return held_.view(); }

 private:
  const std::size_t size_;
  OwnedDelta held_;
  std::size_t count_ = 0;  // deltas in `held_`
};

}  // namespace tachikoma
