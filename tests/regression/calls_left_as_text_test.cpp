// SPDX-License-Identifier: MIT
// Of the forms in which models write tool calls, two were recognised where a server leaves them in the text
// of an answer; the others were neither recognised nor reported. Here each form is written for calls made up
// from a seed, and read back however it is cut.
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "common/chat/answer_text.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const Value kSchema = base::parse_json(R"({"type":"object","properties":{
  "text":{"type":"string"}, "count":{"type":"integer"}, "rate":{"type":"number"}, "deep":{"type":"boolean"},
  "list":{"type":"array"}, "place":{"type":"object"}}})")
                          .value();
const std::vector<ToolSpec> kTools{{"get_weather", "", kSchema},
                                   {"list-files", "", kSchema},
                                   {"mcp__git__log", "", kSchema},
                                   {"a", "", kSchema}};

struct Call {
  std::string name;
  Value arguments;
};
using Calls = std::vector<Call>;
using Random = std::mt19937;

// What happened, in the order of the events.
class CallSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent& event) override {
    if (event.kind == ChatEvent::Kind::delta)
      (event.channel == Channel::final ? text : reasoning) += event.text;
    if (event.kind == ChatEvent::Kind::notice) notices += event.text;
    if (event.kind != ChatEvent::Kind::tool_call) return Flow::proceed;
    if (calls.size() <= event.index) calls.resize(event.index + 1);
    ToolCall& call = calls[event.index];
    call.id += event.id;
    call.name += event.name;
    call.arguments += event.text;
    return Flow::proceed;
  }
  std::string seen() const {
    std::string out;
    for (const ToolCall& call : calls) out += call.name + " " + call.arguments + "\n";
    return out;
  }

  std::vector<ToolCall> calls;
  std::string text, reasoning, notices;
};

CallSink read(std::string_view text, Random* random, bool in_reasoning = false) {
  CallSink sink;
  kit::ToolCallTracker tracker(sink);
  kit::AnswerText answer(sink, tracker, kTools);
  while (!text.empty()) {
    const std::size_t size = random ? std::min<std::size_t>((*random)() % 9 + 1, text.size()) : text.size();
    const std::string piece(text.substr(0, size));  // gone with the next one
    in_reasoning ? answer.push_reasoning(Channel::thinking, piece) : answer.push(piece);
    text.remove_prefix(size);
  }
  answer.finish();
  tracker.finish();
  return sink;
}

std::string expected(const Calls& calls) {
  std::string out;
  for (const Call& call : calls) out += call.name + " " + base::to_json(call.arguments) + "\n";
  return out;
}

template <class List>
const auto& any_of(const List& list, Random& random) {
  return list[random() % list.size()];
}

Value make_text(Random& random) {
  static const std::vector<std::string> kWords{
      "Paris",        "New York, NY", "a \"quoted\" word", "it's",       "",     "1",           "true",
      "Zürich 🙂", "a\nb",         "x = [1, 2]",        "{\"x\": 1}", "</s>", "<b>bold</b>", "C:\\dir"};
  return Value(any_of(kWords, random));
}

Value make_arguments(Random& random) {
  Value arguments = Value::object();
  if (random() % 8 == 0) return arguments;
  if (random() % 4) arguments.set("text", make_text(random));
  if (random() % 2) arguments.set("count", static_cast<std::int64_t>(random() % 2000) - 1000);
  if (random() % 3 == 0) arguments.set("rate", 0.5 + static_cast<double>(random() % 8));
  if (random() % 3 == 0) arguments.set("deep", random() % 2 == 0);
  if (random() % 3 == 0) arguments.set("list", Value(Value::Array{1, "two", false, nullptr}));
  if (random() % 4 == 0) arguments.set("place", Value::object({{"city", "Bern"}, {"zip", 3000}}));
  if (arguments.members().empty()) arguments.set("count", 1);
  return arguments;
}

Calls make_calls(Random& random, std::size_t most) {
  Calls calls;
  for (std::size_t left = random() % most + 1; left > 0; --left)
    calls.push_back({any_of(kTools, random).name, make_arguments(random)});
  return calls;
}

// One of the forms: how it writes calls.
struct Form {
  const char* name;
  std::function<std::string(const Calls&)> write;
  std::size_t most = 3;  // calls at once
};

std::string joined(const Calls& calls, const std::string& between,
                   const std::function<std::string(const Call&)>& one) {
  std::string out;
  for (const Call& call : calls) {
    if (!out.empty()) out += between;
    out += one(call);
  }
  return out;
}

std::string json(const Call& call, const char* key = "arguments") {
  return R"({"name": ")" + call.name + R"(", ")" + key + "\": " + base::to_json(call.arguments) + "}";
}
std::string parameters(const Call& call) { return json(call, "parameters"); }
std::string list(const Calls& calls, const char* key = "arguments") {
  return "[" + joined(calls, ", ", [&](const Call& call) { return json(call, key); }) + "]";
}

// Values as markup has them: text as it is, the rest as JSON.
std::string plain(const Value& value) {
  return value.is_string() ? std::string(value.as_string()) : base::to_json(value);
}

std::string members(const Call& call, const std::function<std::string(const Member&)>& one) {
  std::string out;
  for (const Member& member : call.arguments.members()) out += one(member);
  return out;
}
std::string qwen_coder(const Call& call) {
  return "<function=" + call.name + ">\n" +
         members(call,
                 [](const Member& member) {
                   return "<parameter=" + member.key + ">\n" + plain(member.value) + "\n</parameter>\n";
                 }) +
         "</function>";
}
std::string invoke(const Call& call) {
  return "<invoke name=\"" + call.name + "\">\n" +
         members(call,
                 [](const Member& member) {
                   return "<parameter name=\"" + member.key + "\">" + plain(member.value) + "</parameter>\n";
                 }) +
         "</invoke>";
}
std::string dsml(const Call& call) {
  return "<｜DSML｜invoke name=\"" + call.name + "\">\n" +
         members(call,
                 [](const Member& member) {
                   return "<｜DSML｜parameter name=\"" + member.key + "\" string=\"" +
                          (member.value.is_string() ? "true" : "false") + "\">" + plain(member.value) +
                          "</｜DSML｜parameter>\n";
                 }) +
         "</｜DSML｜invoke>";
}
std::string glm(const Call& call) {
  return "<tool_call>" + call.name + "\n" +
         members(call,
                 [](const Member& member) {
                   return "<arg_key>" + member.key + "</arg_key>\n<arg_value>" + plain(member.value) +
                          "</arg_value>\n";
                 }) +
         "</tool_call>";
}

std::string literal(const Value& value, const std::string& quote, bool python) {
  if (value.is_string()) {
    std::string text;
    for (char c : value.as_string()) {
      if (python && (c == '\\' || c == quote[0])) text += '\\';
      text += python && c == '\n' ? "\\n" : std::string(1, c);
    }
    return quote + text + quote;
  }
  if (value.is_array()) {
    std::string out;
    for (const Value& each : value.elements())
      out += (out.empty() ? "" : ", ") + literal(each, quote, python);
    return "[" + out + "]";
  }
  if (value.is_object()) {
    std::string out;
    for (const Member& member : value.members())
      out += (out.empty() ? "" : ", ") + (python ? quote + member.key + quote : member.key) + ":" +
             literal(member.value, quote, python);
    return "{" + out + "}";
  }
  if (python && value.is_bool()) return value.as_bool() ? "True" : "False";
  if (python && value.is_null()) return "None";
  return base::to_json(value);
}
std::string python(const Call& call, const std::string& quote = "\"") {
  std::string out;
  for (const Member& member : call.arguments.members())
    out += (out.empty() ? "" : ", ") + member.key + "=" + literal(member.value, quote, true);
  return call.name + "(" + out + ")";
}
std::string gemma(const Call& call, const std::string& quote) {
  const std::string object = literal(call.arguments, quote, false);
  return "call:" + call.name + object;
}

const std::vector<Form> kForms{
    {"LM Studio",
     [](const Calls& calls) {
       return joined(calls, "\n",
                     [](const Call& call) { return "[TOOL_REQUEST]" + json(call) + "[END_TOOL_REQUEST]"; });
     }},
    {"Hermes, Qwen",
     [](const Calls& calls) {
       return joined(calls, "\n",
                     [](const Call& call) { return "<tool_call>\n" + json(call) + "\n</tool_call>"; });
     }},
    {"Hermes in a block of code",
     [](const Calls& calls) {
       return "```json\n" +
              joined(calls, "\n",
                     [](const Call& call) { return "<tool_call>\n" + json(call) + "\n</tool_call>"; }) +
              "\n```";
     }},
    {"a block of code named tool_call",
     [](const Calls& calls) {
       return joined(calls, "\n", [](const Call& call) { return "```tool_call\n" + json(call) + "\n```"; });
     }},
    {"a block of JSON", [](const Calls& calls) { return "```json\n" + list(calls) + "\n```"; }},
    {"Qwen3-Coder",
     [](const Calls& calls) {
       return joined(calls, "\n",
                     [](const Call& call) { return "<tool_call>\n" + qwen_coder(call) + "\n</tool_call>"; });
     }},
    {"Qwen3-Coder, outer mark stripped", [](const Calls& calls) { return joined(calls, "\n", qwen_coder); }},
    {"Seed-OSS",
     [](const Calls& calls) {
       return joined(calls, "\n", [](const Call& call) {
         return "<seed:tool_call>\n" + qwen_coder(call) + "\n</seed:tool_call>";
       });
     }},
    {"MiniMax",
     [](const Calls& calls) {
       return "<minimax:tool_call>\n" + joined(calls, "\n", invoke) + "\n</minimax:tool_call>";
     }},
    {"function_calls",
     [](const Calls& calls) {
       return "<function_calls>\n" + joined(calls, "\n", invoke) + "\n</function_calls>";
     }},
    {"DeepSeek V3.2",
     [](const Calls& calls) {
       return "<｜DSML｜function_calls>\n" + joined(calls, "\n", dsml) + "\n</｜DSML｜function_calls>";
     }},
    {"GLM", [](const Calls& calls) { return joined(calls, "\n", glm); }},
    {"Mistral, a list", [](const Calls& calls) { return "[TOOL_CALLS]" + list(calls); }},
    {"Mistral, names",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "[TOOL_CALLS]" + call.name + "[ARGS]" + base::to_json(call.arguments);
       });
     }},
    {"Mistral, ids stripped of their mark",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "[TOOL_CALLS]" + call.name + base::to_json(call.arguments);
       });
     }},
    {"Llama 3", [](const Calls& calls) { return "<|python_tag|>" + joined(calls, "\n", parameters); }},
    {"Llama 3, built-in",
     [](const Calls& calls) {
       return "<|python_tag|>" +
              joined(calls, "\n",
                     [](const Call& call) {
                       Call method = call;
                       method.name += ".call";
                       return python(method);
                     }) +
              "<|eom_id|>";
     }},
    {"Llama 3, nothing but JSON", [](const Calls& calls) { return joined(calls, "\n", parameters); }, 1},
    {"Llama 4",
     [](const Calls& calls) {
       return "<|python_start|>[" + joined(calls, ", ", [](const Call& call) { return python(call, "'"); }) +
              "]<|python_end|>";
     }},
    {"Llama 4, marks stripped",
     [](const Calls& calls) {
       return "[" + joined(calls, ", ", [](const Call& call) { return python(call); }) + "]";
     }},
    {"Functionary",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "<function=" + call.name + ">" + base::to_json(call.arguments) + "</function>";
       });
     }},
    {"Gemma 3",
     [](const Calls& calls) {
       return "```tool_code\n" +
              joined(calls, "\n", [](const Call& call) { return "print(" + python(call) + ")"; }) + "\n```";
     }},
    {"FunctionGemma",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "<start_function_call>" + gemma(call, "<escape>") + "<end_function_call>";
       });
     }},
    {"Gemma 4",
     [](const Calls& calls) {
       return joined(calls, "", [](const Call& call) {
         return "<|tool_call>" + gemma(call, "<|\"|>") + "<tool_call|>";
       });
     }},
    {"Kimi K2",
     [](const Calls& calls) {
       int number = 0;
       return "<|tool_calls_section_begin|>" +
              joined(calls, "",
                     [&](const Call& call) {
                       return "<|tool_call_begin|>functions." + call.name + ":" + std::to_string(number++) +
                              "<|tool_call_argument_begin|>" + base::to_json(call.arguments) +
                              "<|tool_call_end|>";
                     }) +
              "<|tool_calls_section_end|>";
     }},
    {"DeepSeek V3",
     [](const Calls& calls) {
       return "<｜tool▁calls▁begin｜>" +
              joined(calls, "\n",
                     [](const Call& call) {
                       return "<｜tool▁call▁begin｜>function<｜tool▁sep｜>" + call.name + "\n```json\n" +
                              base::to_json(call.arguments) + "\n```<｜tool▁call▁end｜>";
                     }) +
              "<｜tool▁calls▁end｜><｜end▁of▁sentence｜>";
     }},
    {"DeepSeek V3.1",
     [](const Calls& calls) {
       return "<｜tool▁calls▁begin｜>" +
              joined(calls, "",
                     [](const Call& call) {
                       return "<｜tool▁call▁begin｜>" + call.name + "<｜tool▁sep｜>" +
                              base::to_json(call.arguments) + "<｜tool▁call▁end｜>";
                     }) +
              "<｜tool▁calls▁end｜>";
     }},
    {"LFM2",
     [](const Calls& calls) {
       return "<|tool_call_start|>[" + joined(calls, ", ", [](const Call& call) { return python(call); }) +
              "]<|tool_call_end|>";
     }},
    {"Granite, Phi-4", [](const Calls& calls) { return "<|tool_call|>" + list(calls) + "<|/tool_call|>"; }},
    {"Nemotron", [](const Calls& calls) { return "<TOOLCALL>" + list(calls) + "</TOOLCALL>"; }},
    {"Jamba", [](const Calls& calls) { return "<tool_calls>" + list(calls) + "</tool_calls>"; }},
    {"Hunyuan",
     [](const Calls& calls) {
       return "<tool_calls>\n" +
              joined(calls, "\n",
                     [](const Call& call) {
                       return "<tool_call>" + call.name + "\n```json\n" + base::to_json(call.arguments) +
                              "\n```\n</tool_call>";
                     }) +
              "\n</tool_calls>";
     }},
    {"Command R7B",
     [](const Calls& calls) {
       return "<|START_ACTION|>[" +
              joined(calls, ",",
                     [](const Call& call) {
                       return R"({"tool_call_id": "0", "tool_name": ")" + call.name + R"(", "parameters": )" +
                              base::to_json(call.arguments) + "}";
                     }) +
              "]<|END_ACTION|>";
     }},
    {"InternLM",
     [](const Calls& calls) {
       return "<|action_start|><|plugin|>" + joined(calls, "", parameters) + "<|action_end|>";
     },
     1},
    {"Apertus",
     [](const Calls& calls) {
       return "<|tools_prefix|>[" +
              joined(calls, ",",
                     [](const Call& call) {
                       return "{\"" + call.name + "\": " + base::to_json(call.arguments) + "}";
                     }) +
              "]<|tools_suffix|>";
     }},
};

}  // namespace

TEST_CASE("a call in any model's form is recognised in the text of an answer, however it is cut",
          "[streams]") {
  const std::uint32_t seed = GENERATE(range(1U, 41U));
  for (const Form& form : kForms) {
    Random random(seed);
    const Calls calls = make_calls(random, form.most);
    const std::string text = form.write(calls);
    INFO(form.name << ", seed " << seed << ": " << text);
    for (int cut = 0; cut < 4; ++cut) {
      const CallSink sink = read(text, cut ? &random : nullptr);
      CHECK(sink.seen() == expected(calls));
      CHECK(sink.text.empty());
      CHECK_THAT(sink.notices, ContainsSubstring("it was recognised there"));
    }
  }
}

TEST_CASE("text around a call stays text, and a call in the reasoning counts if nothing else comes",
          "[streams]") {
  Random random(7);
  const Calls calls{{"get_weather", Value::object({{"text", "Paris"}})}};
  for (const Form& form : kForms) {
    const std::string text = form.write(calls);
    INFO(form.name);
    const bool marked = text.find_first_of("<[`") == 0 && text[1] != '{' && text.substr(0, 5) != "[get_" &&
                        text.substr(0, 9) != "```json\n[";
    if (!marked) continue;
    CHECK(read("Let me look.\n" + text, &random).seen() == expected(calls));
    const CallSink reasoned = read("I should look. " + text, &random, true);
    CHECK(reasoned.seen() == expected(calls));
    CHECK_THAT(reasoned.notices, ContainsSubstring("left a tool call in the reasoning"));
    const CallSink both = read("<think>Maybe " + text + "</think>It rains.", &random);
    CHECK(both.calls.empty());
    CHECK(both.text == "It rains.");
  }
}

TEST_CASE("what only looks like a call stays text, and is not held back", "[streams]") {
  for (const char* text : {
           R"({"answer": 42})",
           R"({"name": "Ann", "age": 7})",
           R"([{"name": "Ann"}])",
           "[1, 2, 3]",
           "[see below](http://x)",
           "```python\nprint(1)\n```",
           "```json\n{\"a\": 1}\n```",
           "The mark <tool_call> opens a call.",
           "[TOOL_CALLS] is what Mistral writes.",
           "Use <|python_tag|> for code, and `<tool_call|>`.",
           "get_weather(text=\"Paris\")",
           "a < b && c[0]",
       }) {
    INFO(text);
    Random random(3);
    for (int cut = 0; cut < 4; ++cut) {
      const CallSink sink = read(text, cut ? &random : nullptr);
      CHECK(sink.text == text);
      CHECK(sink.calls.empty());
      CHECK(sink.notices.empty());
    }
  }
}

TEST_CASE("a call that is damaged stays text, and is reported", "[streams]") {
  for (const char* text :
       {R"(<tool_call>{"name": "a", "arguments": {"x": }</tool_call>)", "[TOOL_CALLS]a[ARGS]{\"x\": 1",
        "<|python_tag|>a.call(x=1", "<function=a>x</function>",
        "<tool_call>a\n<arg_key>x</arg_key>\n</tool_call>", R"({"name": "a", "arguments": [1})",
        "<start_function_call>call:a{x:<escape>1}<end_function_call>"}) {
    INFO(text);
    Random random(5);
    for (int cut = 0; cut < 3; ++cut) {
      const CallSink sink = read(text, cut ? &random : nullptr);
      CHECK(sink.text == text);
      CHECK(sink.calls.empty());
      CHECK_THAT(sink.notices, ContainsSubstring("can't be parsed"));
    }
  }
}
