// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::kit {

/// What servers and models put between a text and its markup.
inline constexpr std::string_view kBlanks = " \t\r\n";
/// So many blanks at one place may wait for what follows them; more are text.
inline constexpr std::size_t kMaxBlanks = 256;

/// Text that arrives in pieces and is taken from its start; the end of it may wait for more. A piece is
/// copied only when some of it waits. Not synchronised.
class PendingText {
 public:
  /// `piece` stays as it is until `keep`.
  void feed(std::string_view piece);
  /// All that was not taken, in one.
  std::string_view view() const { return view_; }
  bool empty() const { return view_.empty(); }
  /// The next `size` bytes. They live until the next `feed` or `keep`.
  std::string_view take(std::size_t size);
  std::string_view take_all() { return take(view_.size()); }
  void drop_blanks();
  /// What was not taken outlives its piece from here on.
  void keep();

 private:
  std::string held_;
  std::string_view view_;  // into the piece, or into `held_`
  bool is_held_ = true;
};

/// Runs `step` until it gives a piece, or changes neither `state` nor what is pending any more: then nothing
/// is given, and the rest waits.
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
