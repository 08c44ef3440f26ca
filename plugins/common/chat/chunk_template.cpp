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

// The size of the number with which `bytes` start; npos if the parser might not take it for a count.
std::size_t count_size(std::string_view bytes, std::optional<std::int64_t>& count) {
  constexpr std::size_t kMaxDigits = 18;
  std::int64_t value = 0;
  std::size_t size = 0;
  for (; size < bytes.size() && bytes[size] >= '0' && bytes[size] <= '9'; ++size) {
    if (size == kMaxDigits) return std::string_view::npos;
    value = value * 10 + (bytes[size] - '0');
  }
  const bool ends =
      size < bytes.size() && std::string_view(",}] \t").find(bytes[size]) != std::string_view::npos;
  if (size == 0 || !ends || (size > 1 && bytes.front() == '0')) return std::string_view::npos;
  count = value;
  return size;
}

}  // namespace

void ChunkTemplate::learn(std::string_view chunk, const ChunkFacts& facts) {
  if (facts.lone_text.empty() || facts.counts.size() + facts.ignored.size() > kMaxHoles) return;
  ++vain_;
  if (is_vain() || chunk.find('\n') != std::string_view::npos) return;  // it came as several lines
  const std::string event = std::exchange(event_, {});
  const std::vector<Hole> holes = std::exchange(holes_, {});
  event_.reserve(kEventStart.size() + chunk.size() + kEventEnd.size());
  event_.append(kEventStart).append(chunk).append(kEventEnd);
  find_holes(chunk, facts);
  if (holes.size() == holes_.size())
    for (std::size_t i = 0; i < holes.size(); ++i) compare(event, holes[i], holes_[i]);
  differing_.clear();
  std::copy_if(holes_.begin(), holes_.end(), std::back_inserter(differing_),
               [](const Hole& hole) { return hole.differs; });
  usage_ = facts.usage;
  has_usage_ = usage_ != Usage{} || !facts.counts.empty();
  is_call_ = !facts.calls.empty();
  call_index_ = is_call_ ? facts.calls.front().index : std::nullopt;
  channel_ = facts.thinking.empty() ? Channel::final : Channel::thinking;
}

void ChunkTemplate::find_holes(std::string_view chunk, const ChunkFacts& facts) {
  const auto place = [&](const char* value) {
    return kEventStart.size() + static_cast<std::size_t>(value - chunk.data());
  };
  holes_.reserve(1 + facts.counts.size() + facts.ignored.size());
  holes_.push_back({place(facts.lone_text.data()), facts.lone_text.size(), Kind::text, true});
  for (const ChunkFacts::Count& count : facts.counts) {
    Hole hole = {place(count.value), 0, Kind::count, true, count.which};
    hole.size = hole_size(hole, std::string_view(event_).substr(hole.start));
    if (hole.size != std::string_view::npos) holes_.push_back(hole);
  }
  for (const char* value : facts.ignored) holes_.push_back({place(value), 0, Kind::ignored, false});
  std::sort(holes_.begin(), holes_.end(), [](const Hole& a, const Hole& b) { return a.start < b.start; });
}

// Only what differed once may differ: comparing is faster than looking for the end of a value.
void ChunkTemplate::compare(std::string_view event, const Hole& old, Hole& hole) {
  if (old.kind != Kind::ignored || hole.kind != Kind::ignored) return;
  hole.size = value_size(std::string_view(event_).substr(hole.start));
  const std::size_t old_size = value_size(event.substr(old.start));
  if (hole.size == std::string_view::npos || old_size == std::string_view::npos) return;
  hole.differs = old.differs ||
                 event.substr(old.start, old_size) != std::string_view(event_).substr(hole.start, hole.size);
}

const ChunkTemplate::Match* ChunkTemplate::match(std::string_view chunk) {
  const Match* const match = match_frame(chunk, kEventStart.size(), event_.size() - kEventEnd.size());
  return match && match->size == chunk.size() ? match : nullptr;
}

// What matches contains no line end, so the end of the event is also the end of its line.
const ChunkTemplate::Match* ChunkTemplate::match_event(std::string_view bytes) {
  return match_frame(bytes, 0, event_.size());
}

const ChunkTemplate::Match* ChunkTemplate::match_frame(std::string_view bytes, std::size_t start,
                                                       std::size_t end) {
  if (differing_.empty() || is_vain()) return nullptr;
  std::string_view rest = bytes;
  const auto repeats = [&](std::size_t until) {
    const std::size_t size = until - start;
    if (rest.size() < size || std::memcmp(rest.data(), event_.data() + start, size) != 0) return false;
    rest.remove_prefix(size);
    return true;
  };
  for (const Hole& hole : differing_) {
    if (!repeats(hole.start)) return nullptr;
    const std::size_t size = hole.kind == Kind::text ? text_size(rest) : hole_size(hole, rest);
    if (size == std::string_view::npos) return nullptr;
    rest.remove_prefix(size);
    start = hole.start + hole.size;
  }
  if (!repeats(end)) return nullptr;
  vain_ = 0;
  match_.size = bytes.size() - rest.size();
  return &match_;
}

std::size_t ChunkTemplate::hole_size(const Hole& hole, std::string_view bytes) {
  return hole.kind == Kind::count ? count_size(bytes, usage_.*hole.count) : value_size(bytes);
}

// The size of the text with which `bytes` start, up to its quote; npos if a lenient parser is needed.
inline std::size_t ChunkTemplate::text_size(std::string_view bytes) {
  std::uint64_t bits = 0;
  const std::size_t plain = plain_run(bytes, bits);
  match_.text = {bytes.data(), plain};
  match_.ascii = is_ascii(bits);
  if (plain == bytes.size() || bytes[plain] != '\\') return plain;
  unescaped_ = match_.text;
  const std::size_t size = append_unescaped(unescaped_, bytes.substr(plain));
  match_.text = unescaped_;
  match_.ascii = false;
  return size == std::string_view::npos ? size : plain + size;
}

}  // namespace tachikoma::kit
