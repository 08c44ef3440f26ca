// SPDX-License-Identifier: MIT
#include "common/chat/pending_text.hpp"

#include <algorithm>

namespace tachikoma::kit {

void PendingText::feed(std::string_view piece) {
  if (view_.empty()) {
    view_ = piece;
    is_held_ = false;
    return;
  }
  keep();
  held_.erase(0, held_.size() - view_.size());
  held_ += piece;
  view_ = held_;
}

std::string_view PendingText::take(std::size_t size) {
  const std::string_view taken = view_.substr(0, size);
  view_.remove_prefix(taken.size());
  return taken;
}

void PendingText::drop_blanks() { take(std::min(view_.find_first_not_of(kBlanks), view_.size())); }

void PendingText::keep() {
  if (is_held_ || view_.empty()) return;
  held_.assign(view_);
  view_ = held_;
  is_held_ = true;
}

}  // namespace tachikoma::kit
