// SPDX-License-Identifier: MIT
#include "plugins/common/chat/recognition.hpp"

#include <algorithm>

#include "common/chat/chunk_template.hpp"
#include "common/net/tail_room.hpp"

namespace tachikoma::testing {
namespace {

std::string all_of(const kit::ChunkFacts& facts) {
  std::string text;
  for (std::string_view each :
       {facts.model, facts.content, facts.thinking, facts.finish_reason, facts.timings, facts.stats,
        facts.progressing, facts.refused.tool, facts.refused.reason, facts.thinking_field})
    text.append(each).push_back('\n');
  for (const kit::ChunkFacts::Item& item : facts.items)
    for (std::string_view each : {item.thinking, item.content, item.refused.tool, item.refused.reason})
      text.append(each).push_back('\n');
  for (std::string_view call : facts.server_calls) text.append(call).push_back('\n');
  for (const kit::CallFragment& call : facts.calls) {
    text += std::to_string(call.index.value_or(-1));
    for (std::string_view each : {call.id, call.name, call.arguments}) text.append(each).push_back('\n');
  }
  for (const auto& tokens : {facts.usage.prompt_tokens, facts.usage.completion_tokens,
                             facts.usage.reasoning_tokens, facts.usage.cached_tokens})
    text.append(std::to_string(tokens.value_or(-1))).push_back('\n');
  for (const bool is :
       {facts.has_figures, facts.is_answer, facts.speaks, facts.whole, facts.ends_answer, facts.ends_stream})
    text += is ? '1' : '0';
  return text + std::to_string(facts.progress);
}

// Those of a chunk that differs from another in its text and its usage alone.
kit::ChunkFacts with_text(kit::ChunkFacts facts, std::string_view text, const Usage& usage) {
  facts.usage = usage;
  if (!facts.calls.empty()) {
    facts.calls.front().arguments = text;
  } else if (facts.thinking.empty()) {
    facts.content = text;
  } else {
    facts.thinking = text;
    if (text.empty()) facts.thinking_field = {};
  }
  return facts;
}

}  // namespace

ParsedChunk::ParsedChunk(std::string_view json, char filler)
    : bytes_(std::make_unique<char[]>(json.size() + kit::kTailRoom)), size_(json.size()) {
  std::fill_n(std::copy(json.begin(), json.end(), bytes_.get()), kit::kTailRoom, filler);
  std::optional<std::int64_t> choice;
  outcome_ = reader_.read(this->json(), choice);
}

std::string ParsedChunk::describe() const {
  switch (outcome_) {
    case kit::ChunkReader::Outcome::fault: return "fault";
    case kit::ChunkReader::Outcome::complaint: return "complaint";
    case kit::ChunkReader::Outcome::malformed: return "malformed";
    case kit::ChunkReader::Outcome::chunk: break;
  }
  return all_of(facts());
}

Recognition recognise(std::span<const std::string> learnt, std::string_view chunk) {
  kit::ChunkTemplate known;
  std::unique_ptr<ParsedChunk> last;
  for (const std::string& each : learnt) {
    auto parsed = std::make_unique<ParsedChunk>(each);
    if (parsed->outcome() != kit::ChunkReader::Outcome::chunk || parsed->facts().lone_text.empty()) continue;
    known.learn(parsed->json(), parsed->facts());
    last = std::move(parsed);
  }
  const kit::ChunkTemplate::Match* const match = known.match(chunk);
  if (!match) return {};
  const ParsedChunk parsed(chunk);
  return {true, all_of(with_text(last->facts(), match->text, known.usage())), parsed.describe()};
}

}  // namespace tachikoma::testing
