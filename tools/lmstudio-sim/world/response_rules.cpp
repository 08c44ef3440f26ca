// SPDX-License-Identifier: MIT
#include "world/response_rules.hpp"

#include <array>

#include "http/json_value.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::int64_t kMaxTokens = 1'000'000'000;

void read_optional(YamlMap& map, const char* key, std::optional<std::string>& into) {
  if (!map.has(key)) return;
  into.emplace();
  map.read(key, *into);
}

void read_optional(YamlMap& map, const char* key, std::optional<std::int64_t>& into, std::int64_t min) {
  if (!map.has(key)) return;
  into.emplace(min);
  map.read(key, *into, min, kMaxTokens);
}

void read_match(YamlMap& map, Match& match) {
  map.read_map("when", "'when'", [&](YamlMap& when) {
    read_optional(when, "route", match.route);
    read_optional(when, "model", match.model);
    read_optional(when, "contains", match.contains);
    read_optional(when, "tool_results", match.tool_results, 0);
    if (when.has("stream")) when.read("stream", match.stream.emplace());
    read_optional(when, "nth", match.nth, 1);
    read_optional(when, "first", match.first, 1);
  });
}

ToolCall read_tool_call(YamlMap& map) {
  ToolCall call;
  map.require("name");
  map.read("name", call.name);
  JsonValue arguments = JsonValue::object();
  map.read("arguments", arguments);
  call.arguments = arguments.is_string() ? std::string(arguments.as_string()) : to_json(arguments);
  map.read("id", call.id);
  return call;
}

ToolQuirks read_tool_quirks(YamlMap& map) {
  ToolQuirks quirks;
  const std::array<std::pair<const char*, bool*>, 7> names{{{"request_text", &quirks.request_text},
                                                            {"tag_text", &quirks.tag_text},
                                                            {"no_ids", &quirks.no_ids},
                                                            {"empty_ids", &quirks.empty_ids},
                                                            {"names_repeated", &quirks.names_repeated},
                                                            {"names_empty", &quirks.names_empty},
                                                            {"arguments_object", &quirks.arguments_object}}};
  std::vector<std::string> choices;
  for (const auto& [name, flag] : names) choices.emplace_back(name);
  for (const std::size_t index : map.read_choices("tool_quirks", choices)) *names[index].second = true;
  return quirks;
}

ScriptedReply read_reply(YamlMap& map) {
  ScriptedReply reply;
  read_match(map, reply.when);
  const int forms = map.has("text") + map.has("chunks") + map.has("json");
  if (forms > 1 || (forms == 0 && !map.has("tool_calls")))
    map.error("text", "a reply needs one of 'text', 'chunks', 'json', or 'tool_calls'");
  map.read("text", reply.text);
  map.read("chunks", reply.chunks);
  if (map.is_map("reasoning"))
    map.read_map("reasoning", "'reasoning'", [&](YamlMap& reasoning) {
      reply.dialect = read_dialect(reasoning, "dialect");
      reasoning.read("text", reply.reasoning);
    });
  else
    map.read("reasoning", reply.reasoning);
  map.read_list("tool_calls", "a tool call",
                [&](YamlMap& each) { reply.tool_calls.push_back(read_tool_call(each)); });
  reply.tool_quirks = read_tool_quirks(map);
  if (const auto quirk = map.read_choice("json", {"fenced", "in_reasoning", "surrounded", "violating"}))
    reply.json = static_cast<JsonQuirk>(*quirk);
  static const std::vector<std::string> kFinishes{"stop", "length", "tool_calls"};
  if (const auto finish = map.read_choice("finish", kFinishes)) reply.finish = kFinishes[*finish];
  if (map.has("delay_per_token")) map.read("delay_per_token", reply.delay_per_token.emplace());
  map.read("prompt_time", reply.prompt_time);
  return reply;
}

// Reports keys that have no effect on a fault of this kind.
void check_fault(YamlMap& map, const Fault& fault) {
  const FaultKind kind = fault.kind;
  const bool in_stream = kind == FaultKind::error || kind == FaultKind::error_event;
  if (map.has("body") && kind != FaultKind::status && !in_stream)
    map.error("body", "'body' applies only to the kinds 'status', 'error' and 'error_event'");
  if (map.has("status") && kind != FaultKind::status && kind != FaultKind::html)
    map.error("kind", "'status' applies only to the kinds 'status' and 'html'");
  if (map.has("retry_after") && kind != FaultKind::status)
    map.error("kind", "'retry_after' applies only to the kind 'status'");
  if ((map.has("bytes") || map.has("interval")) && kind != FaultKind::drip)
    map.error("kind", "'bytes' and 'interval' apply only to the kind 'drip'");
  if (fault.after_tokens.has_value() + fault.after_messages.has_value() + fault.after_bytes.has_value() +
          fault.after_headers >
      1)
    map.error(
        "kind",
        "a fault can have only one of 'after_tokens', 'after_messages', 'after_bytes' and 'after_headers'");
  const bool ends_bytes = kind == FaultKind::stall || kind == FaultKind::close || kind == FaultKind::reset ||
                          kind == FaultKind::garbage;
  if ((fault.after_bytes || fault.after_headers) && !ends_bytes)
    map.error("kind",
              "'after_bytes' and 'after_headers' apply only to 'stall', 'close', 'reset' and 'garbage'");
  if ((kind == FaultKind::status || kind == FaultKind::html) && fault.after_tokens)
    map.error("after_tokens", "a status is sent before the first token; use the kind 'error' instead");
  if ((kind == FaultKind::wrong_model || kind == FaultKind::drip) && fault.after_tokens)
    map.error("after_tokens", "a fault of this kind starts with the response");
  if ((kind == FaultKind::wrong_model) != map.has("served"))
    map.error(
        "kind",
        "'served', the name in the answer, is required for the kind 'wrong_model' and applies only to it");
}

Fault read_fault(YamlMap& map) {
  Fault fault;
  read_match(map, fault.when);
  map.require("kind");
  if (const auto kind = map.read_choice("kind", {"status", "stall", "close", "reset", "garbage", "drip",
                                                 "error", "error_event", "wrong_model", "html"}))
    fault.kind = static_cast<FaultKind>(*kind);
  read_optional(map, "after_tokens", fault.after_tokens, 0);
  read_optional(map, "after_messages", fault.after_messages, 0);
  read_optional(map, "after_bytes", fault.after_bytes, 0);
  map.read("after_headers", fault.after_headers);
  std::int64_t status = fault.status;
  map.read("status", status, 200, 599);
  fault.status = static_cast<int>(status);
  map.read("body", fault.body);
  read_optional(map, "retry_after", fault.retry_after, 0);
  map.read("served", fault.served);
  map.read("bytes", fault.drip_bytes, 1, kMaxTokens);
  map.read("interval", fault.drip_interval);
  check_fault(map, fault);
  return fault;
}

}  // namespace

std::optional<ReasoningDialect> read_dialect(YamlMap& map, const char* key) {
  const auto index = map.read_choice(
      key, {"none", "reasoning", "reasoning_content", "think_tags", "think_tags_unopened", "harmony"});
  return index ? std::optional(static_cast<ReasoningDialect>(*index)) : std::nullopt;
}

void read_response_rules(YamlMap& map, ResponseRules& rules) {
  map.read_list("replies", "a reply", [&](YamlMap& each) { rules.replies.push_back(read_reply(each)); });
  map.read_list("faults", "a fault", [&](YamlMap& each) { rules.faults.push_back(read_fault(each)); });
  map.read_map("hold", "'hold'", [&](YamlMap& hold) {
    hold.read("loads", rules.hold.loads);
    hold.read("answers", rules.hold.answers);
  });
}

}  // namespace lmstudio_sim
