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
#include "plugins/common/chat/call_form_writers.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const Value kSchema = base::parse_json(R"({"type":"object","properties":{
  "text":{"type":"string"}, "count":{"type":"integer"}, "rate":{"type":"number"}, "deep":{"type":"boolean"},
  "list":{"type":"array"}, "place":{"type":"object"}}})")
                          .value();
const std::vector<ToolSpec> kLeftTools{{"get_weather", "", kSchema},
                                       {"list-files", "", kSchema},
                                       {"mcp__git__log", "", kSchema},
                                       {"a", "", kSchema}};

using Random = std::mt19937;

#ifdef TACHIKOMA_SANITIZED
constexpr std::uint32_t kSeeds =
    4;  // each takes a second there; what depends on the seed is tried without it
#else
constexpr std::uint32_t kSeeds = 40;
#endif

// What happened, in the order of the events.
class LeftCallSink final : public ChatSink {
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

LeftCallSink read(std::string_view text, Random* random, bool in_reasoning = false) {
  LeftCallSink sink;
  kit::ToolCallTracker tracker(sink);
  kit::AnswerText answer(sink, tracker, kLeftTools);
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
    calls.push_back({any_of(kLeftTools, random).name, make_arguments(random)});
  return calls;
}

}  // namespace

TEST_CASE("a call in any model's form is recognised in the text of an answer, however it is cut",
          "[streams]") {
  const std::uint32_t seed = GENERATE(range(1U, kSeeds + 1));
  for (const Form& form : call_form_writers()) {
    Random random(seed);
    const Calls calls = make_calls(random, form.most);
    const std::string text = form.write(calls);
    INFO(form.name << ", seed " << seed << ": " << text);
    for (int cut = 0; cut < 4; ++cut) {
      const LeftCallSink sink = read(text, cut ? &random : nullptr);
      CHECK(sink.seen() == expected(calls));
      CHECK(sink.text.empty());
      CHECK_THAT(sink.notices, ContainsSubstring("it was recognised there"));
    }
  }
}

TEST_CASE("an escape in a call that is written as code is its character, wherever it is cut", "[streams]") {
  // the two halves of a pair were dropped, and Python's other escapes were taken for letters
  const std::string written = R"(\ud83d\ude00 \u00e9\u00E9 \x41\t \U0001f642)", meant = "😀 éé A\t 🙂";
  const std::string expected_text = "get_weather " + base::to_json(Value::object({{"text", meant}})) + "\n";
  for (const std::string& text : {"[get_weather(text=\"" + written + "\")]",
                                  "<|tool_call_start|>[get_weather(text='" + written + "')]<|tool_call_end|>",
                                  "```tool_code\nprint(get_weather(text=\"" + written + "\"))\n```"})
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      LeftCallSink sink;
      kit::ToolCallTracker tracker(sink);
      kit::AnswerText answer(sink, tracker, kLeftTools);
      for (const std::string& piece : {text.substr(0, cut), text.substr(cut)}) answer.push(piece);
      answer.finish();
      tracker.finish();
      INFO(text << ", cut at " << cut);
      CHECK(sink.seen() == expected_text);
      CHECK(sink.text.empty());
    }
  const auto value_of = [](const std::string& escape) {
    const LeftCallSink sink = read("[get_weather(text=\"" + escape + "\")]", nullptr);
    return sink.calls.empty() ? "no call" : sink.calls[0].arguments;
  };
  CHECK(value_of(R"(\ud83d!)") == "{\"text\":\"\uFFFD!\"}");
  CHECK(value_of(R"(\ude00\ud83d)") == "{\"text\":\"\uFFFD\uFFFD\"}");
  CHECK(value_of(R"(\ud83d\u0041)") == "{\"text\":\"\uFFFDA\"}");
  CHECK(value_of(R"(\U00110000)") == "{\"text\":\"\uFFFD\"}");
  CHECK(value_of(R"(\u00g0)") == "no call");
  CHECK(value_of(R"(\q\\)") == R"({"text":"q\\"})");
}

TEST_CASE("text around a call stays text, and a call in the reasoning counts if nothing else comes",
          "[streams]") {
  Random random(7);
  const Calls calls{{"get_weather", Value::object({{"text", "Paris"}})}};
  for (const Form& form : call_form_writers()) {
    const std::string text = form.write(calls);
    INFO(form.name);
    const bool marked = text.find_first_of("<[`") == 0 && text[1] != '{' && text.substr(0, 5) != "[get_" &&
                        text.substr(0, 9) != "```json\n[";
    if (!marked) continue;
    CHECK(read("Let me look.\n" + text, &random).seen() == expected(calls));
    const LeftCallSink reasoned = read("I should look. " + text, &random, true);
    CHECK(reasoned.seen() == expected(calls));
    CHECK_THAT(reasoned.notices, ContainsSubstring("left a tool call in the reasoning"));
    const LeftCallSink both = read("<think>Maybe " + text + "</think>It rains.", &random);
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
      const LeftCallSink sink = read(text, cut ? &random : nullptr);
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
      const LeftCallSink sink = read(text, cut ? &random : nullptr);
      CHECK(sink.text == text);
      CHECK(sink.calls.empty());
      CHECK_THAT(sink.notices, ContainsSubstring("can't be parsed"));
    }
  }
}
