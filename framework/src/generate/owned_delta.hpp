// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/generation.hpp"

namespace tachikoma {

/// Whether it is a piece of text, of which more of the same can follow.
inline bool is_text(Delta::Kind kind) { return kind == Delta::Kind::text || kind == Delta::Kind::reasoning; }

/// A delta that owns what it points to. Reused, so that its strings keep their memory.
class OwnedDelta {
 public:
  void assign(const Delta& delta) {
    content_.assign(delta.content);
    if (delta.call) call_ = *delta.call;
    if (delta.metrics) metrics_ = *delta.metrics;
    if (delta.waiting) waiting_ = *delta.waiting;
    delta_ = delta;
  }
  /// Adds one that continues this one.
  void append(std::string_view content) { content_ += content; }
  bool is_text() const { return tachikoma::is_text(delta_.kind); }
  /// Whether `next` is more of the same text.
  bool is_continued_by(const Delta& next) const {
    return is_text() && next.kind == delta_.kind && next.channel == delta_.channel;
  }
  const Delta& view() {
    delta_.content = content_;
    if (delta_.call) delta_.call = &call_;
    if (delta_.metrics) delta_.metrics = &metrics_;
    if (delta_.waiting) delta_.waiting = &waiting_;
    return delta_;
  }

 private:
  Delta delta_;
  std::string content_;
  ToolCall call_;
  Metrics metrics_;
  Waiting waiting_;
};

}  // namespace tachikoma
