// SPDX-License-Identifier: MIT
#include "common/chat/unparsed_tool_call_finder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/chat/markers.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kLeads = "<[";
constexpr std::array<std::string_view, 2> kOpeningWords = {"[TOOL_REQUEST]", "<tool_call>"};
constexpr Markers kOpenings = {kLeads, kOpeningWords};
// A call ends at its closing mark, or where another one opens, because models forget closing marks.
constexpr std::array<std::string_view, 4> kEndWords = {"[END_TOOL_REQUEST]", "</tool_call>", "[TOOL_REQUEST]",
                                                       "<tool_call>"};
constexpr Markers kEnds = {kLeads, kEndWords};
// How a call starts: JSON, or another model's markup, which is reported.
constexpr std::string_view kStarts = "{[<";
constexpr std::size_t kMaxCall = 1024 * 1024;

bool is_blank(std::string_view text) { return text.find_first_not_of(kBlanks) == std::string_view::npos; }

}  // namespace

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::next() {
  auto piece = step_on(pending_, state_, [this] { return step(); });
  if (!piece) flushing_ = false;
  return piece;
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::step() {
  if (std::exchange(unreadable_, false)) return Piece{Piece::Kind::unreadable};
  if (!calls_.empty()) {
    Piece piece{Piece::Kind::call, {}, std::move(calls_.back())};
    calls_.pop_back();
    return piece;
  }
  return state_ == State::call ? read_call() : read_text();
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::read_text() {
  if (state_ == State::called) pending_.drop_blanks();
  const std::string_view text = pending_.view();
  const MarkerMatch match = find_marker(text, kOpenings);
  const std::string_view before = text.substr(0, match.at);
  const bool leads = state_ == State::leading && before.size() <= kMaxBlanks && is_blank(before);
  if (match.whole() && (leads || before.empty())) {
    pending_.take(match.at);
    mark_ = match.which;
    searched_ = kOpeningWords[mark_].size();
    state_ = State::call;
    return std::nullopt;
  }
  if (flushing_ && !match.whole()) return take_text(text.size());
  return leads ? std::nullopt : take_text(match.at);
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::read_call() {
  const std::string_view text = pending_.view();
  const std::size_t mark = kOpeningWords[mark_].size();
  const std::size_t start = std::min(text.find_first_not_of(kBlanks, mark), text.size());
  if (start > mark + kMaxBlanks ||
      (start < text.size() && kStarts.find(text[start]) == std::string_view::npos))
    return take_text(mark);  // the answer only mentions calls
  const MarkerMatch match = find_marker(text, kEnds, searched_);
  searched_ = match.at;
  if (match.at > kMaxCall) {
    unreadable_ = true;
    return take_text(mark);
  }
  if (match.whole()) {
    const bool closed = match.which < kOpeningWords.size();
    return end_call(match.at, closed ? kEndWords[match.which].size() : 0);
  }
  return flushing_ ? end_call(text.size(), 0) : std::nullopt;
}

// The call ends at `end`; a closing mark of size `rest` follows.
std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::end_call(std::size_t end,
                                                                              std::size_t rest) {
  const std::size_t start = kOpeningWords[mark_].size();
  calls_ = read_unparsed_tool_calls(pending_.view().substr(start, end - start));
  if (calls_.empty()) {
    unreadable_ = true;
    return take_text(end + rest);
  }
  std::reverse(calls_.begin(), calls_.end());
  pending_.take(end + rest);
  state_ = State::called;
  return std::nullopt;
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::take_text(std::size_t size) {
  if (size == 0) return std::nullopt;
  state_ = State::text;
  return Piece{Piece::Kind::text, pending_.take(size)};
}

}  // namespace tachikoma::kit
