// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <utility>

#include "generate/owned_delta.hpp"

namespace tachikoma {

/// No delta is held back for longer, so that more can join it.
inline constexpr std::chrono::milliseconds kLongestHold{50};

/// Deltas that are delivered as one: at most `size`, all more of the same text.
class JoinedDelta {
 public:
  explicit JoinedDelta(std::size_t size) : size_(size) {}

  bool empty() const { return count_ == 0; }
  /// Whether nothing can join what is there: it need not be held back.
  bool full() const { return count_ > 0 && (count_ >= size_ || !held_.is_text()); }

  /// Begins anew with this one.
  void start(const Delta& first) {
    held_.assign(first);
    count_ = 1;
  }
  /// The same, and leaves what it held to `first`, whose strings keep their memory.
  void start(OwnedDelta& first) {
    std::swap(held_, first);
    count_ = 1;
  }
  /// False when `next` is no more of the same text, or too much: it begins another.
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
