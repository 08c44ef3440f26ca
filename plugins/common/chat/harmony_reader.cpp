// SPDX-License-Identifier: MIT
#include "common/chat/harmony_reader.hpp"

#include <algorithm>
#include <array>

#include "common/chat/markers.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kStart = "<|start|>";
constexpr std::string_view kChannel = "<|channel|>";
constexpr std::array<std::string_view, 5> kTagWords = {kStart, kChannel, "<|end|>", "<|return|>", "<|call|>"};
/// How a text in this format starts: a template may have written the start of the first message.
constexpr Markers kOpeningTags = {"<", std::span(kTagWords).first(2)};
/// What ends a message; so does the start of the next one.
constexpr Markers kEndTags = {"<", kTagWords};
constexpr std::array<std::string_view, 1> kMessageWords = {"<|message|>"};
constexpr Markers kMessage = {"<", kMessageWords};
constexpr std::string_view kMarkerStart = "<|";
constexpr std::size_t kMaxHeader = 512;

/// A parsed header. A header consists of words and markers: "<|start|>assistant<|channel|>commentary
/// to=functions.add <|constrain|>json".
struct Header {
  std::string_view channel;
  std::string_view recipient;
};

Header read_words(std::string_view text) {
  Header header;
  std::string_view marker;
  while (!text.empty()) {
    std::size_t size = 0;
    if (text.starts_with(kMarkerStart)) {
      const std::size_t end = text.find("|>");
      size = end == std::string_view::npos ? text.size() : end + 2;
      marker = text.substr(0, size);
      if (marker == kStart) header = {};
    } else if (kBlanks.find(text.front()) != std::string_view::npos) {
      size = 1;
    } else {
      size = std::min({text.find_first_of(kBlanks), text.find(kMarkerStart), text.size()});
      const std::string_view word = text.substr(0, size);
      if (word.starts_with("to=")) {
        header.recipient = word.substr(3);
      } else if (marker == kChannel && header.channel.empty()) {
        header.channel = word;
      }
    }
    text.remove_prefix(size);
  }
  return header;
}

// A channel that the format does not know is shown rather than hidden.
Channel to_channel(std::string_view name) {
  for (Channel channel : {Channel::analysis, Channel::commentary})
    if (name == to_string(channel)) return channel;
  return Channel::final;
}

bool is_tool(std::string_view recipient) {
  return !recipient.empty() && recipient != "assistant" && recipient != "user" && recipient != "all";
}

}  // namespace

std::optional<AnswerPiece> HarmonyReader::next() {
  return step_on(pending_, state_, [this] { return step(); });
}

std::optional<AnswerPiece> HarmonyReader::step() {
  switch (state_) {
    case State::leading: read_lead(); return std::nullopt;
    case State::header: return read_header();
    case State::body: return read_body();
    case State::other: return pass();
  }
  return std::nullopt;
}

void HarmonyReader::read_lead() {
  const std::string_view text = pending_.view();
  const std::size_t blanks = std::min(text.find_first_not_of(kBlanks), text.size());
  const MarkerMatch match = find_marker(text, kOpeningTags, blanks);
  if (match.at > blanks || blanks > kMaxBlanks || (finished_ && !match.whole())) {
    state_ = State::other;
  } else if (match.whole()) {
    pending_.take(blanks);
    state_ = State::header;
  }
}

// Reads up to the marker that ends the header. Text that is too long, or ends without markup, is not a
// header.
std::optional<AnswerPiece> HarmonyReader::read_header() {
  const std::string_view text = pending_.view();
  const MarkerMatch end = find_marker(text, kMessage);
  if (end.whole() && end.at <= kMaxHeader) {
    const std::string_view header = pending_.take(end.at);
    pending_.take(kMessageWords[end.which].size());
    return start_message(header);
  }
  if (text.size() > kMaxHeader + kMessageWords.front().size()) {
    state_ = State::other;
    return std::nullopt;
  }
  if (!finished_) return std::nullopt;
  const bool cut_in_markup = text.find(kMarkerStart) != std::string_view::npos;
  if (cut_in_markup || text.find_first_not_of(kBlanks) == std::string_view::npos) {
    pending_.take_all();
    return std::nullopt;
  }
  return pass();
}

std::optional<AnswerPiece> HarmonyReader::start_message(std::string_view text) {
  const Header header = read_words(text);
  state_ = State::body;
  channel_ = to_channel(header.channel);
  calls_ = is_tool(header.recipient);
  if (!calls_) return std::nullopt;
  constexpr std::string_view kNamespace = "functions.";
  std::string_view name = header.recipient;
  if (name.starts_with(kNamespace)) name.remove_prefix(kNamespace.size());
  return AnswerPiece{AnswerPiece::Kind::call, channel_, name};
}

std::optional<AnswerPiece> HarmonyReader::read_body() {
  const std::string_view text = pending_.view();
  const MarkerMatch end = find_marker(text, kEndTags);
  const std::size_t size = finished_ && !end.whole() ? text.size() : end.at;
  if (size > 0) return take_text(size);
  if (!end.whole()) return std::nullopt;
  if (end.which >= kOpeningTags.words.size()) pending_.take(kTagWords[end.which].size());
  state_ = State::header;
  return std::nullopt;
}

std::optional<AnswerPiece> HarmonyReader::pass() {
  channel_ = Channel::final;
  calls_ = false;
  return take_text(pending_.view().size());
}

std::optional<AnswerPiece> HarmonyReader::take_text(std::size_t size) {
  if (size == 0) return std::nullopt;
  const auto kind = calls_ ? AnswerPiece::Kind::arguments : AnswerPiece::Kind::text;
  return AnswerPiece{kind, channel_, pending_.take(size)};
}

}  // namespace tachikoma::kit
