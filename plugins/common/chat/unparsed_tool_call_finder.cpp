// SPDX-License-Identifier: MIT
#include "common/chat/unparsed_tool_call_finder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/chat/call_forms.hpp"
#include "common/chat/call_names.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kMaxCall = 1024 * 1024;

bool is_blank(std::string_view text) { return text.find_first_not_of(kBlanks) == std::string_view::npos; }

// False if what stands behind an opening mark can't be a call: then the answer only mentions calls. A call
// starts with JSON, with markup, or with a name that one of these or the end of the line follows.
bool may_be_call(std::string_view text) {
  const std::size_t blanks = std::min(text.find_first_not_of(kBlanks), text.size());
  if (blanks > kMaxBlanks) return false;
  const std::string_view start = text.substr(blanks);
  if (start.empty()) return true;
  if (std::string_view("{[<").find(start.front()) != std::string_view::npos) return true;
  std::size_t size = 0;
  while (size < start.size() && is_call_name(start.substr(size, 1))) ++size;
  if (size == start.size()) return size <= 128;
  const std::size_t next = std::min(start.find_first_not_of(" \t\r", size), start.size());
  return size > 0 &&
         (next == start.size() || std::string_view("{[<(`\n").find(start[next]) != std::string_view::npos);
}

// True if a mark of the end may come to be complete.
bool starts_end(std::string_view text) {
  return std::any_of(text_ends().begin(), text_ends().end(),
                     [&](std::string_view end) { return end.starts_with(text); });
}

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
  switch (state_) {
    case State::call: return read_call();
    case State::bare: return read_bare();
    default: return read_text();
  }
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::read_text() {
  if (state_ == State::called) drop_ends();
  const std::string_view text = pending_.view();
  const MarkerMatch match = find_marker(text, call_openings());
  const std::string_view before = text.substr(0, match.at);
  const bool leads = state_ == State::leading && before.size() <= kMaxBlanks && is_blank(before);
  if (match.whole() && (leads || before.empty())) {
    pending_.take(match.at);
    form_ = match.which;
    searched_ = call_forms()[form_].opening.size();
    state_ = State::call;
    return std::nullopt;
  }
  if (state_ == State::leading && !leads && bare_) {
    const BareCall bare = starts_bare_call(text, tools_);
    if (bare == BareCall::unknown && !flushing_) return std::nullopt;
    if (bare == BareCall::yes) {
      state_ = State::bare;
      return std::nullopt;
    }
  }
  if (flushing_ && !match.whole()) return take_text(text.size());
  if (state_ == State::called && !match.whole() && starts_end(text)) return std::nullopt;
  return leads ? std::nullopt : take_text(match.at);
}

// Blanks, and marks of the end of the text, which some servers leave behind calls.
void UnparsedToolCallFinder::drop_ends() {
  while (true) {
    pending_.drop_blanks();
    const MarkerMatch match = find_marker(pending_.view(), {"<", text_ends()});
    if (match.at > 0 || !match.whole()) return;
    pending_.take(text_ends()[match.which].size());
  }
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::read_bare() {
  const std::string_view text = pending_.view();
  if (!flushing_ && text.size() <= kMaxCall) return std::nullopt;
  return end_calls(read_unparsed_tool_calls(without_fence(text), tools_), text.size());
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::read_call() {
  const CallForm& form = call_forms()[form_];
  const std::string_view text = pending_.view();
  if (!form.is_in_marks && !may_be_call(text.substr(form.opening.size())))
    return take_text(form.opening.size());
  // models forget closing marks, and open the next call
  const std::array<std::string_view, 2> ends = {form.opening, form.closing};
  const std::size_t count = form.closing.empty() ? 1 : 2;
  const MarkerMatch match =
      find_marker(text, {form.opening.substr(0, 1), std::span(ends).first(count)}, searched_);
  searched_ = match.at;
  if (match.at > kMaxCall) {
    unreadable_ = true;
    return take_text(form.opening.size());
  }
  if (match.whole()) return end_call(match.at, match.which == 1 ? form.closing.size() : 0);
  return flushing_ ? end_call(text.size(), 0) : std::nullopt;
}

// The call ends at `end`; a closing mark of size `rest` follows.
std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::end_call(std::size_t end,
                                                                              std::size_t rest) {
  const CallForm& form = call_forms()[form_];
  const std::string_view text = pending_.view();
  const std::size_t start = form.opening.size();
  const std::string_view inner =
      form.is_in_marks ? text.substr(0, end + rest) : text.substr(start, end - start);
  return end_calls(read_unparsed_tool_calls(inner, tools_), end + rest);
}

// The next `size` bytes are `calls`; if there are none, they are text.
std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::end_calls(
    std::vector<UnparsedToolCall> calls, std::size_t size) {
  calls_ = std::move(calls);
  if (calls_.empty()) {
    unreadable_ = true;
    return take_text(size);
  }
  std::reverse(calls_.begin(), calls_.end());
  pending_.take(size);
  state_ = State::called;
  return std::nullopt;
}

std::optional<UnparsedToolCallFinder::Piece> UnparsedToolCallFinder::take_text(std::size_t size) {
  if (size == 0) return std::nullopt;
  state_ = State::text;
  return Piece{Piece::Kind::text, pending_.take(size)};
}

}  // namespace tachikoma::kit
