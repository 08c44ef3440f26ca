// SPDX-License-Identifier: MIT
#include "common/chat/chunk_template.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "common/chat/json_text.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kEventStart = "data: ";
constexpr std::string_view kEventEnd = "\n\n";

std::size_t number_size(std::string_view text) {
  const auto belongs = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  std::size_t size = 0;
  while (size < text.size() && belongs(text[size])) ++size;
  return size;
}

}  // namespace

void ChunkTemplate::learn(std::string_view chunk, const ChunkFacts& facts) {
  if (facts.lone_text.empty()) return;
  ++vain_;
  if (is_vain()) return;
  if (chunk.find('\n') != std::string_view::npos) return;  // it came as several lines
  const std::string event = std::exchange(event_, {});
  const std::vector<Hole> holes = std::exchange(holes_, {});
  event_.append(kEventStart).append(chunk).append(kEventEnd);
  const std::size_t start =
      kEventStart.size() + static_cast<std::size_t>(facts.lone_text.data() - chunk.data());
  for (std::string_view value : facts.ignored) add_hole(chunk, value);
  const auto behind = [&](const Hole& hole) { return hole.start > start; };
  holes_.insert(std::find_if(holes_.begin(), holes_.end(), behind),
                {start, facts.lone_text.size(), Kind::text, true});
  mark_differing(event, holes);
  differing_.clear();
  std::copy_if(holes_.begin(), holes_.end(), std::back_inserter(differing_),
               [](const Hole& hole) { return hole.differs; });
  is_call_ = !facts.calls.empty();
  call_index_ = is_call_ ? facts.calls.front().index : std::nullopt;
  channel_ = facts.thinking.empty() ? Channel::final : Channel::thinking;
}

// A value with escapes is none: it has to repeat.
void ChunkTemplate::add_hole(std::string_view chunk, std::string_view value) {
  const bool quoted = value.starts_with('"');
  if (quoted) value.remove_prefix(1);
  const std::size_t size = quoted ? plain_run(value) : number_size(value);
  if (quoted ? !value.substr(size).starts_with('"') : size == 0) return;
  const std::size_t start = kEventStart.size() + static_cast<std::size_t>(value.data() - chunk.data());
  holes_.push_back({start, size, quoted ? Kind::string : Kind::number, false});
}

// Only what differed once may differ: comparing is faster than looking at each byte.
void ChunkTemplate::mark_differing(const std::string& event, const std::vector<Hole>& holes) {
  if (holes.size() != holes_.size()) return;
  for (std::size_t i = 0; i < holes.size(); ++i)
    holes_[i].differs =
        holes_[i].differs || holes[i].differs ||
        event.compare(holes[i].start, holes[i].size, event_, holes_[i].start, holes_[i].size) != 0;
}

std::optional<std::string_view> ChunkTemplate::match(std::string_view chunk) {
  const auto match = match_frame(chunk, kEventStart.size(), event_.size() - kEventEnd.size());
  return match && match->size == chunk.size() ? std::optional(match->text) : std::nullopt;
}

// What matches contains no line end, so the end of the event is also the end of its line.
std::optional<ChunkTemplate::Match> ChunkTemplate::match_event(std::string_view bytes) {
  return match_frame(bytes, 0, event_.size());
}

std::optional<ChunkTemplate::Match> ChunkTemplate::match_frame(std::string_view bytes, std::size_t start,
                                                               std::size_t end) {
  if (differing_.empty() || is_vain()) return std::nullopt;
  std::string_view text;
  std::string_view rest = bytes;
  const auto repeats = [&](std::size_t until) {
    const std::size_t size = until - start;
    if (rest.size() < size || std::memcmp(rest.data(), event_.data() + start, size) != 0) return false;
    rest.remove_prefix(size);
    return true;
  };
  for (const Hole& hole : differing_) {
    if (!repeats(hole.start)) return std::nullopt;
    std::size_t size = hole.kind == Kind::number ? number_size(rest) : plain_run(rest);
    if (hole.kind == Kind::number && size == 0) return std::nullopt;
    if (hole.kind == Kind::text) {
      text = {rest.data(), size};
      if (size < rest.size() && rest[size] == '\\') {
        if ((size = unescape(rest, size)) == std::string_view::npos) return std::nullopt;
        text = unescaped_;
      }
    }
    rest.remove_prefix(size);
    start = hole.start + hole.size;
  }
  if (!repeats(end)) return std::nullopt;
  vain_ = 0;
  return Match{text, bytes.size() - rest.size()};
}

// The size of the string with which `bytes` start, up to its quote; npos if a lenient parser is needed.
std::size_t ChunkTemplate::unescape(std::string_view bytes, std::size_t plain) {
  unescaped_ = bytes.substr(0, plain);
  const std::size_t size = append_unescaped(unescaped_, bytes.substr(plain));
  return size == std::string_view::npos ? size : plain + size;
}

}  // namespace tachikoma::kit
