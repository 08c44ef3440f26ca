// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::kit {

/// The characters that servers and models put between a text and its markup.
inline constexpr std::string_view kBlanks = " \t\r\n";
/// `text` without those around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t start = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(start, text.find_last_not_of(kBlanks) + 1 - start);
}
/// The most blanks at one place that are held back; more are text.
inline constexpr std::size_t kMaxBlanks = 256;

/// Text that arrives in pieces and is consumed from its start; its end may wait for more. A piece is
/// copied only if some of it waits. Not synchronised.
class PendingText {
 public:
  /// `piece` must stay unchanged until `keep`.
  void feed(std::string_view piece);
  /// All text that was not taken, contiguous.
  std::string_view view() const { return view_; }
  bool empty() const { return view_.empty(); }
  /// The next `size` bytes. They live until the next `feed` or `keep`.
  std::string_view take(std::size_t size);
  std::string_view take_all() { return take(view_.size()); }
  void drop_blanks();
  /// Copies what was not taken, so that it outlives its piece.
  void keep();

 private:
  std::string held_;
  std::string_view view_;  // into the piece, or into `held_`
  bool is_held_ = true;
};

/// Runs `step` until it returns a piece, or changes neither `state` nor the pending text any more: then
/// nothing is returned, and the rest waits.
template <class State, class Step>
auto step_on(PendingText& pending, const State& state, Step step) -> decltype(step()) {
  while (true) {
    const State before = state;
    const std::size_t size = pending.view().size();
    if (auto piece = step()) return piece;
    if (before == state && size == pending.view().size()) break;
  }
  pending.keep();
  return std::nullopt;
}

}  // namespace tachikoma::kit
