// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "generate/owned_delta.hpp"

namespace tachikoma {

/// Deltas on their way to the reader, in their order. Text is most of them, and lies close together: what one
/// core writes and another reads is paid for by the cache line.
class DeltaBatch {
 public:
  bool empty() const { return read_ == entries_.size(); }
  bool full() const { return entries_.size() >= kMaxDeltas || text_.size() >= kMaxText; }

  void push(const Delta& delta) {
    if (is_text(delta.kind)) {
      entries_.push_back({delta.content.size(), delta.channel, delta.kind});
      text_ += delta.content;
    } else {
      entries_.push_back({0, delta.channel, delta.kind});
      others_.emplace_back().assign(delta);
    }
  }

  /// The next one; valid until the call after this one, or until the batch is cleared.
  const Delta& front() {
    const Entry& entry = entries_[read_];
    if (!is_text(entry.kind)) return others_[read_others_].view();
    token_.kind = entry.kind;
    token_.channel = entry.channel;
    token_.content = std::string_view(text_).substr(read_text_, entry.size);
    return token_;
  }
  void pop() {
    const Entry& entry = entries_[read_++];
    read_text_ += entry.size;
    if (!is_text(entry.kind)) ++read_others_;
  }

  /// Adds those of another.
  void append(DeltaBatch& other) {
    entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
    text_ += other.text_;
    std::move(other.others_.begin(), other.others_.end(), std::back_inserter(others_));
  }
  void clear() {
    entries_.clear();
    text_.clear();
    others_.clear();
    read_ = read_text_ = read_others_ = 0;
  }

 private:
  static constexpr std::size_t kMaxDeltas = 1024, kMaxText = 64 * 1024;
  struct Entry {
    std::size_t size;
    Channel channel;
    Delta::Kind kind;
  };

  std::vector<Entry> entries_;
  std::string text_;                // of all that are text
  std::vector<OwnedDelta> others_;  // than text
  std::size_t read_ = 0, read_text_ = 0, read_others_ = 0;
  Delta token_;
};

}  // namespace tachikoma
