// SPDX-License-Identifier: MIT
#include "common/chat/chunk_template.hpp"

#include <cstring>

#include "common/chat/json_text.hpp"

namespace tachikoma::kit {
namespace {

bool is_plain(std::string_view text) {
  bool special = false;  // no early exit: tokens are short, and the loop can be vectorised
  for (char c : text) special |= c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  return !special;
}

}  // namespace

void ChunkTemplate::learn(std::string_view chunk, std::string_view text, Channel channel) {
  if (chunk.find('\n') != std::string_view::npos) return;
  const std::size_t start = static_cast<std::size_t>(text.data() - chunk.data());
  before_.assign(chunk.substr(0, start));
  after_.assign(chunk.substr(start + text.size()));
  channel_ = channel;
}

std::optional<std::string_view> ChunkTemplate::match(std::string_view chunk) {
  const std::size_t frame = before_.size() + after_.size();
  if (before_.empty() || chunk.size() < frame) return std::nullopt;
  const std::string_view text = chunk.substr(before_.size(), chunk.size() - frame);
  if (std::memcmp(chunk.data(), before_.data(), before_.size()) != 0 ||
      std::memcmp(text.data() + text.size(), after_.data(), after_.size()) != 0)
    return std::nullopt;
  if (is_plain(text)) return text;
  unescaped_.clear();
  if (!append_unescaped(unescaped_, text)) return std::nullopt;
  return unescaped_;
}

// A match contains no line end, so the end of the event is also the end of its line.
std::optional<std::string_view> ChunkTemplate::match_event(std::string_view event) {
  constexpr std::string_view kStart = "data: ";
  constexpr std::string_view kEnd = "\n\n";
  if (!event.starts_with(kStart) || !event.ends_with(kEnd)) return std::nullopt;
  return match(event.substr(kStart.size(), event.size() - kStart.size() - kEnd.size()));
}

}  // namespace tachikoma::kit
