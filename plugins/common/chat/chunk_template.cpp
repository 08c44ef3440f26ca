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

}  // namespace

void ChunkTemplate::learn(std::string_view chunk, const ChunkFacts& facts) {
  if (facts.lone_text.empty()) return;
  ++vain_;
  if (is_vain() || chunk.find('\n') != std::string_view::npos) return;  // it came as several lines
  const std::string event = std::exchange(event_, {});
  const std::vector<Hole> holes = std::exchange(holes_, {});
  event_.append(kEventStart).append(chunk).append(kEventEnd);
  find_holes(chunk, facts);
  mark_differing(event, holes);
  is_call_ = !facts.calls.empty();
  call_index_ = is_call_ ? facts.calls.front().index : std::nullopt;
  channel_ = facts.thinking.empty() ? Channel::final : Channel::thinking;
}

void ChunkTemplate::find_holes(std::string_view chunk, const ChunkFacts& facts) {
  const auto place = [&](const char* at) {
    return kEventStart.size() + static_cast<std::size_t>(at - chunk.data());
  };
  for (const char* value : facts.ignored) {
    const std::size_t start = place(value);
    const std::size_t size = value_size(std::string_view(event_).substr(start));
    if (size != std::string_view::npos) holes_.push_back({start, size, false, false});
  }
  const Hole text = {place(facts.lone_text.data()), facts.lone_text.size(), true, true};
  const auto behind = [&](const Hole& hole) { return hole.start > text.start; };
  holes_.insert(std::find_if(holes_.begin(), holes_.end(), behind), text);
}

// Only what differed once may differ: comparing is faster than looking for the end of a value.
void ChunkTemplate::mark_differing(const std::string& event, const std::vector<Hole>& holes) {
  if (holes.size() == holes_.size())
    for (std::size_t i = 0; i < holes.size(); ++i)
      holes_[i].differs =
          holes_[i].differs || holes[i].differs ||
          event.compare(holes[i].start, holes[i].size, event_, holes_[i].start, holes_[i].size) != 0;
  differing_.clear();
  std::copy_if(holes_.begin(), holes_.end(), std::back_inserter(differing_),
               [](const Hole& hole) { return hole.differs; });
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
    const std::size_t size = hole.is_text ? text_size(rest, text) : value_size(rest);
    if (size == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(size);
    start = hole.start + hole.size;
  }
  if (!repeats(end)) return std::nullopt;
  vain_ = 0;
  return Match{text, bytes.size() - rest.size()};
}

// The size of the text with which `bytes` start, up to its quote; npos if a lenient parser is needed.
inline std::size_t ChunkTemplate::text_size(std::string_view bytes, std::string_view& text) {
  const std::size_t plain = plain_run(bytes);
  text = {bytes.data(), plain};
  if (plain == bytes.size() || bytes[plain] != '\\') return plain;
  unescaped_ = text;
  const std::size_t size = append_unescaped(unescaped_, bytes.substr(plain));
  text = unescaped_;
  return size == std::string_view::npos ? size : plain + size;
}

}  // namespace tachikoma::kit
