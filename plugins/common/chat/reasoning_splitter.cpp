// SPDX-License-Identifier: MIT
#include "common/chat/reasoning_splitter.hpp"

#include <algorithm>
#include <array>

#include "common/chat/markers.hpp"

namespace tachikoma::kit {
namespace {

// What opens reasoning and what closes it, in turn, as models' chat templates have it.
constexpr std::array<std::string_view, 16> kWords = {
    "<think>",
    "</think>",  // DeepSeek, Qwen, GLM and most others
    "<thinking>",
    "</thinking>",  // models that were told to reason by a prompt
    "<thought>",
    "</thought>",  // Gemini's compatible API
    "<seed:think>",
    "</seed:think>",  // Seed-OSS
    "<|channel>thought\n",
    "<channel|>",  // Gemma 4
    "<|START_THINKING|>",
    "<|END_THINKING|>",  // Command A
    "[THINK]",
    "[/THINK]",  // Magistral
    "◁think▷",
    "◁/think▷",  // Kimi-VL
};
// Those that start with `kLead` come first.
constexpr std::size_t kLeading = 12;
constexpr Markers kTags = {"<[\xE2", kWords};
// A template that opens the reasoning itself leaves a closing tag alone.
constexpr Markers kLoneTags = {ReasoningSplitter::kLead, std::span(kWords).first<kLeading>()};

constexpr bool opens(std::size_t word) { return word % 2 == 0; }

constexpr Markers closing_tag(std::size_t opening) {
  const std::span closing = std::span(kWords).subspan(opening + 1, 1);
  return {closing.front().substr(0, 1), closing};
}

bool is_quote(char c) { return c == '`' || c == '"' || c == '\''; }

// Reasoning does not start with an object or with code.
bool starts_an_answer(std::string_view text) { return text.starts_with('{') || text.starts_with('`'); }

std::size_t blanks_at_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kBlanks);
  return std::min(text.size() - (last == std::string_view::npos ? 0 : last + 1), kMaxBlanks);
}

}  // namespace

std::optional<AnswerPiece> ReasoningSplitter::next() {
  return step_on(pending_, state_, [this] { return step(); });
}

std::optional<AnswerPiece> ReasoningSplitter::step() {
  switch (state_) {
    case State::leading:
    case State::reasoned: read_lead(); return std::nullopt;
    case State::untagged: return read_untagged();
    case State::reasoning: return read_reasoning();
    case State::answer: return take_text(Channel::final, pending_.view().size());
  }
  return std::nullopt;
}

void ReasoningSplitter::take_tags_as_text() {
  if (state_ == State::leading || state_ == State::untagged) state_ = State::answer;
}

// Before the first text of the answer: blanks and tags.
void ReasoningSplitter::read_lead() {
  if (state_ == State::reasoned) pending_.drop_blanks();
  const std::string_view text = pending_.view();
  const std::size_t blanks = std::min(text.find_first_not_of(kBlanks), text.size());
  const MarkerMatch match = find_marker(text, kTags, blanks);
  const bool closes_nothing = match.whole() && !opens(match.which) && match.which >= kLeading;
  if (blanks > kMaxBlanks) {
    state_ = State::untagged;
  } else if (match.at > blanks || closes_nothing || (finished_ && !match.whole())) {
    const bool answers = state_ == State::reasoned || starts_an_answer(text.substr(blanks));
    state_ = answers ? State::answer : State::untagged;
  } else if (match.whole()) {
    pending_.take(blanks + kWords[match.which].size());
    state_ = opens(match.which) ? State::reasoning : State::reasoned;
    opening_ = match.which;
    starts_ = true;
  }
}

std::optional<AnswerPiece> ReasoningSplitter::read_untagged() {
  const std::string_view text = pending_.view();
  const MarkerMatch match = find_marker(text, kLoneTags);
  if (!match.whole()) return take_text(Channel::final, finished_ ? text.size() : match.at);
  if (opens(match.which)) {
    state_ = State::answer;
    return std::nullopt;
  }
  const std::size_t end = match.at + kWords[match.which].size();
  const char before = match.at ? text[match.at - 1] : last_;
  if (is_quote(before)) {
    if (end == text.size() && !finished_) return take_text(Channel::final, match.at);
    if (end == text.size() || text[end] == before) {
      state_ = State::answer;
      return std::nullopt;
    }
  }
  if (match.at > 0) return take_text(Channel::final, match.at);
  pending_.take(end);
  state_ = State::reasoned;
  return AnswerPiece{AnswerPiece::Kind::rechannel, Channel::thinking};
}

std::optional<AnswerPiece> ReasoningSplitter::read_reasoning() {
  if (starts_) pending_.drop_blanks();
  const std::string_view text = pending_.view();
  const Markers closing = closing_tag(opening_);
  const MarkerMatch match = find_marker(text, closing);
  const bool ends = finished_ && !match.whole();
  const std::size_t size = ends ? text.size() : match.at - blanks_at_end(text.substr(0, match.at));
  if (size > 0) {
    starts_ = false;
    return take_text(Channel::thinking, size);
  }
  if (match.whole()) {
    pending_.take(match.at + closing.words[match.which].size());
    state_ = State::reasoned;
  }
  return std::nullopt;
}

std::optional<AnswerPiece> ReasoningSplitter::take_text(Channel channel, std::size_t size) {
  if (size == 0) return std::nullopt;
  const std::string_view text = pending_.take(size);
  last_ = text.back();
  return AnswerPiece{AnswerPiece::Kind::text, channel, text};
}

}  // namespace tachikoma::kit
