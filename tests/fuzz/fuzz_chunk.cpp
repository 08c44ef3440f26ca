// SPDX-License-Identifier: MIT
// JSON in every form that it is read in: one chat chunk pulled in place, a text that becomes a value, and the
// inside of one string.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "common/chat/chunk_reader.hpp"
#include "common/chat/json_text.hpp"
#include "common/net/tail_room.hpp"
#include "fuzz/expect.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string describe(const kit::ChunkFacts& facts) {
  std::string text;
  for (std::string_view each :
       {facts.model, facts.content, facts.thinking, facts.finish_reason, facts.timings, facts.stats,
        facts.plain_text, facts.progressing, facts.refused.tool, facts.refused.reason})
    text.append(each).push_back('\n');
  for (const kit::ChunkFacts::Item& item : facts.items)
    for (std::string_view each : {item.thinking, item.content, item.refused.tool, item.refused.reason})
      text.append(each).push_back('\n');
  for (std::string_view call : facts.server_calls) text.append(call).push_back('\n');
  for (const kit::CallFragment& call : facts.calls) {
    text += std::to_string(call.index.value_or(-1));
    for (std::string_view each : {call.id, call.name, call.arguments}) text.append(each).push_back('\n');
  }
  for (const auto& tokens :
       {facts.usage.prompt_tokens, facts.usage.completion_tokens, facts.usage.reasoning_tokens})
    text.append(std::to_string(tokens.value_or(-1))).push_back('\n');
  return text + std::to_string(facts.progress) + (facts.is_answer ? " answer" : "") +
         (facts.ends_answer ? " ends" : "");
}

// What a reader makes of a chunk that has `filler` in the room behind it.
std::string pull(std::string_view json, char filler) {
  const auto copy = std::make_unique<char[]>(json.size() + kit::kTailRoom);
  std::fill_n(std::copy(json.begin(), json.end(), copy.get()), kit::kTailRoom, filler);
  kit::ChunkReader reader;
  switch (reader.read({copy.get(), json.size()})) {
    case kit::ChunkReader::Outcome::fault: return "fault";
    case kit::ChunkReader::Outcome::complaint: return "complaint";
    case kit::ChunkReader::Outcome::malformed: return "malformed";
    case kit::ChunkReader::Outcome::chunk: break;
  }
  return describe(reader.facts());
}

void check_value(std::string_view json) {
  const Result<Value> value = base::parse_json(json);
  if (!value) return;
  for (const int indent : {0, 2}) {
    const Result<Value> again = base::parse_json(base::to_json(*value, indent));
    expect(again && *again == *value, "a value survives being written and read");
  }
}

void check_string(std::string_view inside) {
  std::string text;
  const bool plain = kit::append_unescaped(text, inside);
  const std::string token = '"' + std::string(inside) + '"';
  if (base::is_utf8(inside)) {
    const Result<Value> parsed = base::parse_json(token);
    expect(plain == bool(parsed), "a string is taken where the parser takes it");
    if (plain) expect_same(text, parsed->as_string(), "a string means what the parser makes of it");
  } else {
    expect(base::is_utf8(kit::mark_invalid_bytes(inside)), "marked text is UTF-8");
  }
  if (plain) expect_same(text, kit::unescape_leniently(token), "a lenient reader agrees on sound strings");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect_same(pull(text, '\0'), pull(text, '"'), "what lies behind a chunk does not matter");
  check_value(text);
  check_string(text);
  return 0;
}
