// SPDX-License-Identifier: MIT
#include "model/reply.hpp"

#include <iterator>

#include "http/json_value.hpp"
#include "model/question.hpp"
#include "model/schema_writer.hpp"
#include "model/tool_choice.hpp"
#include "model/tool_report.hpp"
#include "model/word_tokens.hpp"
#include "model/writer.hpp"

namespace lmstudio_sim {

namespace {

std::string question_of(const ChatRequest& request) {
  for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message)
    if (message->role == "user") return message->text;
  return {};
}

std::vector<ToolCall> calls_for(const ChatRequest& request, const ModelSpec& model) {
  const bool required = request.tool_choice == "required";
  const bool reports = request.messages.back().role == "tool";
  if (request.tool_choice == "none" || (!required && (reports || !model.tools))) return {};
  return choose_calls(request.tools, question_of(request), required);
}

JsonValue instance_for(const ChatRequest& request) {
  Question question(question_of(request));
  return write_instance(request.schema, question, answer_text(question.text()));
}

// Violates the schema: an object loses a required member, anything else changes its type.
JsonValue broken(JsonValue instance, const JsonValue& schema) {
  for (const JsonValue& name : schema["required"].elements())
    if (instance.erase(name.as_string())) return instance;
  if (instance.is_object() && !instance.members().empty())
    return instance.set(instance.members().front().first, JsonValue::array({JsonValue::object()})), instance;
  return instance.is_object() ? JsonValue::array() : JsonValue::object();
}

void add(std::vector<std::string>& tokens, const std::string& text) {
  for (const std::string_view token : tokenize(text)) tokens.emplace_back(token);
}

Reply json_reply(const ChatRequest& request, JsonQuirk quirk) {
  Reply reply;
  const JsonValue instance = instance_for(request);
  switch (quirk) {
    case JsonQuirk::fenced: add(reply.content, "```json\n" + to_json(instance, 2) + "\n```"); break;
    case JsonQuirk::in_reasoning: add(reply.reasoning, to_json(instance)); break;
    case JsonQuirk::surrounded:
      add(reply.content, "Here is the JSON:\n" + to_json(instance) + "\nI hope this helps!");
      break;
    case JsonQuirk::violating: add(reply.content, to_json(broken(instance, request.schema))); break;
  }
  return reply;
}

Reply scripted_reply(const ChatRequest& request, const ScriptedReply& script) {
  Reply reply;
  if (script.json) reply = json_reply(request, *script.json);
  add(reply.reasoning, script.reasoning);
  add(reply.content, script.text);
  reply.content.insert(reply.content.end(), script.chunks.begin(), script.chunks.end());
  reply.calls = script.tool_calls;
  reply.quirks = script.tool_quirks;
  if (reply.quirks.request_text || reply.quirks.tag_text)
    for (const ToolCall& call : std::exchange(reply.calls, {}))
      add(reply.content, call_text(call, reply.quirks));
  reply.finish = script.finish;
  return reply;
}

std::string thought(const ChatRequest& request, const std::vector<ToolCall>& calls) {
  std::string text = "The user says \"" + quote(question_of(request)) + "\". ";
  if (!calls.empty()) return text + "I call " + calls.front().name + ".";
  if (!request.schema.is_null()) return text + "The answer is JSON.";
  return text + "A short answer will do.";
}

Reply own_reply(const ChatRequest& request, const ModelSpec& model, const Effort& effort) {
  Reply reply;
  reply.calls = calls_for(request, model);
  add(reply.reasoning, elaborate(thought(request, reply.calls), effort));
  if (!reply.calls.empty()) return reply;
  if (!request.schema.is_null())
    add(reply.content, to_json(instance_for(request)));
  else if (request.messages.back().role == "tool")
    add(reply.content, opening(model) + report_results(request.messages));
  else
    add(reply.content, write_text(model, request.messages));
  return reply;
}

}  // namespace

std::string call_text(const ToolCall& call, const ToolQuirks& quirks) {
  const auto [open, close] = quirks.request_text ? std::pair("[TOOL_REQUEST]\n", "\n[END_TOOL_REQUEST]")
                                                 : std::pair("<tool_call>\n", "\n</tool_call>");
  return open + (R"({"name": )" + to_json(call.name) + R"(, "arguments": )" + call.arguments + "}") + close;
}

Reply reply_to(const ChatRequest& request, const ModelSpec& model, const Effort& effort,
               const ScriptedReply* scripted) {
  Reply reply = scripted ? scripted_reply(request, *scripted) : own_reply(request, model, effort);
  reply.dialect = scripted ? scripted->dialect.value_or(model.reasoning) : model.reasoning;
  if (effort.setting == "off" && !(scripted && scripted->dialect)) reply.dialect = ReasoningDialect::none;
  return reply;
}

}  // namespace lmstudio_sim
