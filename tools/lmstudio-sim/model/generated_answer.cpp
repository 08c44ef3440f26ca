// SPDX-License-Identifier: MIT
#include "model/generated_answer.hpp"

#include <algorithm>

#include "model/thinking.hpp"
#include "model/word_tokens.hpp"

namespace lmstudio_sim {

using Kind = Piece::Kind;

namespace {

struct FoundStop {
  std::size_t at = std::string::npos;
  std::string text = {};
};

// The stop string that comes first in the content; `at` is npos when there is none.
FoundStop find_stop(const std::vector<Piece>& pieces, const std::vector<std::string>& stop) {
  std::string content;
  for (const Piece& piece : pieces)
    if (piece.kind == Kind::content) content += piece.text;
  FoundStop first;
  for (const std::string& each : stop)
    if (const std::size_t at = content.find(each); !each.empty() && at < first.at) first = {at, each};
  return first;
}

// Keeps `length` bytes of the content and all reasoning, and drops the calls.
void cut_content(std::vector<Piece>& pieces, std::size_t length) {
  std::erase_if(pieces, [&](Piece& piece) {
    if (piece.kind != Kind::content) return piece.kind != Kind::reasoning;
    piece.text.resize(std::min(piece.text.size(), length));
    length -= piece.text.size();
    return piece.text.empty();
  });
}

std::vector<Piece> pieces_of(const Reply& reply) {
  std::vector<Piece> pieces;
  if (reply.dialect != ReasoningDialect::none)
    for (const std::string& token : reply.reasoning) pieces.push_back({Kind::reasoning, token});
  for (const std::string& token : reply.content) pieces.push_back({Kind::content, token});
  for (std::size_t i = 0; i < reply.calls.size(); ++i) {
    pieces.push_back({Kind::call, reply.calls[i].name, i});
    if (reply.quirks.arguments_object) continue;  // they are sent with the name
    for (const std::string_view token : tokenize(reply.calls[i].arguments))
      pieces.push_back({Kind::arguments, std::string(token), i});
  }
  return pieces;
}

// The calls, with as much of their arguments as the pieces contain.
std::vector<ToolCall> calls_in(const std::vector<Piece>& pieces, const Reply& reply) {
  std::vector<ToolCall> calls;
  for (const Piece& piece : pieces) {
    if (piece.kind == Kind::call) calls.push_back(reply.calls[piece.call]);
    if (piece.kind == Kind::call && !reply.quirks.arguments_object) calls.back().arguments.clear();
    if (piece.kind == Kind::arguments) calls.back().arguments += piece.text;
  }
  return calls;
}

}  // namespace

std::string Generation::text(Kind kind) const {
  std::string text;
  for (const Piece& piece : pieces)
    if (piece.kind == kind) text += piece.text;
  return text;
}

std::string_view stop_reason(const Generation& generation) {
  if (generation.finish == "tool_calls") return "toolCalls";
  if (generation.finish == "length") return "maxPredictedTokensReached";
  return generation.stop_string.empty() ? "eosFound" : "stopStringFound";
}

DraftCounts draft_counts(std::int64_t tokens) { return {tokens, tokens - tokens / 4, tokens / 4}; }

Generation limit_reply(const Reply& reply, const Limits& limits) {
  Generation made;
  made.pieces = pieces_of(reply);
  made.quirks = reply.quirks;
  made.dialect = reply.dialect;
  made.finish = reply.finish;
  if (made.finish.empty()) made.finish = reply.calls.empty() ? "stop" : "tool_calls";
  if (limits.max_tokens && *limits.max_tokens < static_cast<std::int64_t>(made.pieces.size())) {
    made.pieces.resize(static_cast<std::size_t>(*limits.max_tokens));
    made.finish = "length";
  }
  if (const FoundStop stop = find_stop(made.pieces, limits.stop); stop.at != std::string::npos) {
    cut_content(made.pieces, stop.at);
    made.finish = "stop";
    made.stop_string = stop.text;
  }
  made.calls = calls_in(made.pieces, reply);
  made.reasoning_tokens =
      std::ranges::count_if(made.pieces, [](const Piece& piece) { return piece.kind == Kind::reasoning; });
  mark_reasoning(made.pieces, made.dialect,
                 made.reasoning_tokens == static_cast<std::int64_t>(reply.reasoning.size()));
  return made;
}

void number_calls(Generation& generation, std::uint64_t request) {
  std::uint64_t number = 100'000'000 + request * 7919 % 100'000'000;
  for (ToolCall& call : generation.calls)
    if (call.id.empty()) call.id = std::to_string(number++);
}

}  // namespace lmstudio_sim
