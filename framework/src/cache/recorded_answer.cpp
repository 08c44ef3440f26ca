// SPDX-License-Identifier: MIT
#include "cache/recorded_answer.hpp"

#include <utility>

#include "base/json.hpp"

namespace tachikoma::cache {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kEvent = 1, kEnd = 0;  // what follows

void write(PackedWriter& writer, const std::optional<std::int64_t>& count) {
  writer.number(count ? 1 : 0);
  if (count) writer.number(static_cast<std::uint64_t>(*count));
}

void read(PackedReader& reader, std::optional<std::int64_t>& count) {
  if (reader.number() == 1) count = static_cast<std::int64_t>(reader.number());
}

// False: there is no such one.
template <class Enum>
bool read(PackedReader& reader, Enum last, Enum& into) {
  const std::uint64_t number = reader.number();
  into = static_cast<Enum>(number);
  return number <= static_cast<std::uint64_t>(last);
}

bool read(PackedReader& reader, RecordedAnswer::Event& into) {
  into.at = std::chrono::milliseconds(reader.number());
  ChatEvent& event = into.event;
  if (!read(reader, ChatEvent::Kind::notice, event.kind)) return false;
  if (!read(reader, Channel::final, event.channel)) return false;
  event.index = static_cast<std::uint32_t>(reader.number());
  event.text = reader.text();
  event.id = reader.text();
  event.name = reader.text();
  return !reader.failed();
}

bool read(PackedReader& reader, ChatOutcome& outcome) {
  if (!read(reader, Finish::unknown, outcome.finish)) return false;
  Usage& usage = outcome.usage;
  for (auto* count :
       {&usage.prompt_tokens, &usage.completion_tokens, &usage.reasoning_tokens, &usage.cached_tokens})
    read(reader, *count);
  outcome.served_model = reader.text();
  Result<Value> extra = base::parse_json(reader.text());
  if (!extra || reader.failed()) return false;
  outcome.extra = *std::move(extra);
  return reader.at_end();
}

}  // namespace

void AnswerRecorder::begin() {
  writer_ = {};
  writer_.number(kVersion);
  begun_ = Clock::now();
}

void AnswerRecorder::note(const ChatEvent& noted) {
  const auto& [kind, channel, index, fraction, text, id, name] = noted;
  (void)fraction;  // of progress
  if (kind == ChatEvent::Kind::progress) return;
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_);
  writer_.number(kEvent);
  writer_.number(static_cast<std::uint64_t>(at.count()));
  writer_.number(static_cast<std::uint64_t>(kind));
  writer_.number(static_cast<std::uint64_t>(channel));
  writer_.number(index);
  for (const std::string_view each : {text, id, name}) writer_.text(each);
}

std::string AnswerRecorder::end(const ChatOutcome& outcome) {
  const auto& [finish, usage, served_model, extra, speed, prompt_speed] = outcome;
  (void)speed;
  (void)prompt_speed;
  const auto& [prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens] = usage;
  writer_.number(kEnd);
  writer_.number(static_cast<std::uint64_t>(finish));
  for (const auto* count : {&prompt_tokens, &completion_tokens, &reasoning_tokens, &cached_tokens})
    write(writer_, *count);
  writer_.text(served_model);
  writer_.text(base::to_json(extra));
  return writer_.take();
}

std::optional<RecordedAnswer> RecordedAnswer::read(std::string bytes) {
  RecordedAnswer answer{.record = std::make_shared<const std::string>(std::move(bytes))};
  PackedReader reader(*answer.record);
  if (reader.number() != kVersion) return std::nullopt;
  std::uint64_t next = reader.number();
  for (; next == kEvent; next = reader.number())
    if (!cache::read(reader, answer.events.emplace_back())) return std::nullopt;
  if (next != kEnd || !cache::read(reader, answer.outcome)) return std::nullopt;
  return answer;
}

}  // namespace tachikoma::cache
