// SPDX-License-Identifier: MIT
#include "script.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "tokenizer.hpp"
#include "yaml_reader.hpp"

namespace lmstudio_sim {

using tachikoma::Error;
using tachikoma::ErrorCode;
using tachikoma::Value;
using tachikoma::base::to_json;

namespace {

constexpr std::int64_t kLargestContext = 100'000'000;
constexpr std::int64_t kMostTokens = 1'000'000'000;

void read_optional(YamlMap& map, const char* key, std::optional<std::string>& into) {
  if (!map.has(key)) return;
  into.emplace();
  map.read(key, *into);
}

void read_optional(YamlMap& map, const char* key, std::optional<std::int64_t>& into, std::int64_t least) {
  if (!map.has(key)) return;
  into.emplace(least);
  map.read(key, *into, least, kMostTokens);
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

ModelSpec read_model(YamlMap& map) {
  ModelSpec model;
  map.require("key");
  map.read("key", model.key);
  if (map.has("key") && model.key.empty()) map.error("key", "'key' must not be empty");
  model.display_name = model.key;
  map.read("display_name", model.display_name);
  static const std::vector<std::string> kTypes{"llm", "vlm", "embedding"};
  if (const auto type = map.read_choice("type", kTypes)) model.type = kTypes[*type];
  map.read("publisher", model.publisher);
  map.read("arch", model.arch);
  map.read("quantization", model.quantization);
  map.read("params", model.params);
  map.read_size("size", model.size_bytes);
  map.read("max_context", model.max_context, 1, kLargestContext);
  model.context_length = std::min(model.context_length, model.max_context);
  map.read("context_length", model.context_length, 1, kLargestContext);
  if (model.context_length > model.max_context)
    map.error("context_length",
              "'context_length' is larger than 'max_context', " + std::to_string(model.max_context));
  map.read("loaded", model.loaded);
  map.read("load_time", model.load_time);
  map.read("vision", model.vision);
  map.read("tools", model.tools);
  if (const auto dialect =
          map.read_choice("reasoning", {"none", "reasoning", "reasoning_content", "think_tags"}))
    model.reasoning = static_cast<ReasoningDialect>(*dialect);
  return model;
}

ToolCall read_tool_call(YamlMap& map) {
  ToolCall call;
  map.require("name");
  map.read("name", call.name);
  Value arguments = Value::object();
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
  std::string text;
  map.read("text", text);
  const std::vector<std::string_view> tokens = tokenize(text);
  reply.chunks.assign(tokens.begin(), tokens.end());
  map.read("chunks", reply.chunks);
  map.read("reasoning", reply.reasoning);
  map.read_list("tool_calls", "a tool call",
                [&](YamlMap& each) { reply.tool_calls.push_back(read_tool_call(each)); });
  reply.tool_quirks = read_tool_quirks(map);
  if (const auto quirk = map.read_choice("json", {"fenced", "in_reasoning", "surrounded", "violating"}))
    reply.json = static_cast<JsonQuirk>(*quirk);
  static const std::vector<std::string> kFinishes{"stop", "length", "tool_calls"};
  if (const auto finish = map.read_choice("finish", kFinishes)) reply.finish = kFinishes[*finish];
  if (map.has("delay_per_token")) map.read("delay_per_token", reply.delay_per_token.emplace());
  return reply;
}

Fault read_fault(YamlMap& map) {
  Fault fault;
  read_match(map, fault.when);
  map.require("kind");
  if (const auto kind = map.read_choice(
          "kind", {"status", "stall", "close", "garbage", "error", "error_event", "wrong_model"}))
    fault.kind = static_cast<FaultKind>(*kind);
  read_optional(map, "after_tokens", fault.after_tokens, 0);
  std::int64_t status = fault.status;
  map.read("status", status, 200, 599);
  fault.status = static_cast<int>(status);
  map.read("body", fault.body);
  read_optional(map, "retry_after", fault.retry_after, 0);
  map.read("served", fault.served);
  const bool has_body = fault.kind == FaultKind::status || fault.kind == FaultKind::error ||
                        fault.kind == FaultKind::error_event;
  if (map.has("body") && !has_body)
    map.error("body", "'body' belongs to the kinds 'status', 'error' and 'error_event'");
  const bool status_only = map.has("status") || map.has("retry_after");
  if (status_only && fault.kind != FaultKind::status)
    map.error("kind", "'status' and 'retry_after' belong to the kind 'status'");
  if (fault.kind == FaultKind::status && fault.after_tokens)
    map.error("after_tokens", "a status comes before the first token; use the kind 'error'");
  if (fault.kind == FaultKind::wrong_model && fault.after_tokens)
    map.error("after_tokens", "a wrong model answers from the first token on");
  if ((fault.kind == FaultKind::wrong_model) != map.has("served"))
    map.error("kind", "the kind 'wrong_model', and no other, needs 'served', the name in the answer");
  return fault;
}

void read_models(YamlMap& map, Script& script) {
  if (!map.has("models")) return;
  script.models.clear();
  map.read_list("models", "a model", [&](YamlMap& each) {
    ModelSpec model = read_model(each);
    if (std::ranges::find(script.models, model.key, &ModelSpec::key) != script.models.end())
      each.error("key", "there are two models '" + model.key + "'");
    script.models.push_back(std::move(model));
  });
}

void read_script(YamlMap& map, Script& script) {
  read_models(map, script);
  map.read_list("replies", "a reply", [&](YamlMap& each) { script.replies.push_back(read_reply(each)); });
  map.read_list("faults", "a fault", [&](YamlMap& each) { script.faults.push_back(read_fault(each)); });
  map.read_size("memory", script.memory_bytes);
  map.read("jit", script.jit);
  map.read("strict_models", script.strict_models);
  map.read("require_auth", script.require_auth);
  map.read("api_key", script.api_key);
  if (!script.api_key.empty() && !map.has("require_auth")) script.require_auth = true;
  map.read("version", script.version);
  map.finish();
}

}  // namespace

tachikoma::Result<Script> load_script(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    return Error(ErrorCode::config_invalid, "'" + file + "': can't read the script",
                 "check its path and its rights");
  YamlErrors errors(file);
  Script script = default_world();
  const YAML::Node root = read_yaml(text, errors);
  if (errors.empty()) {
    YamlMap map(root, "the script", errors);
    read_script(map, script);
  }
  if (errors.empty()) return script;
  return Error(ErrorCode::config_invalid, errors.text(), "docs/simulator.md lists the keys of a script");
}

}  // namespace lmstudio_sim
