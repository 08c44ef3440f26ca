// SPDX-License-Identifier: MIT
// Markup in the text of an answer: what it means must not depend on the tokens that it came in.
#include "common/chat/answer_text.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.hpp"
#include "common/http/event_stream.hpp"
#include "support/catch.hpp"

using namespace tachikoma;

namespace {

// Writes down what happened, neighbouring pieces of one text or of one call's arguments as one.
class MergingSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent& event) override {
    CHECK(base::is_utf8(event.text));
    if (event.kind == ChatEvent::Kind::delta) {
      CHECK_FALSE(event.text.empty());
      add(std::string(to_string(event.channel)) + ":", event.text);
    } else if (event.kind == ChatEvent::Kind::tool_call) {
      const std::string call = "call " + std::to_string(event.index);
      if (!event.id.empty()) start(call + " id " + std::string(event.id));
      if (!event.name.empty()) start(call + " name " + std::string(event.name));
      if (!event.text.empty()) add(call + ":", event.text);
    } else if (event.kind == ChatEvent::Kind::rechannel) {
      start("rechannel " + std::string(to_string(event.channel)));
    } else {
      start(event.text.find("recognised") == std::string_view::npos ? "unreadable" : "found");
    }
    return Flow::proceed;
  }

  std::string seen;

 private:
  void start(const std::string& what) {
    seen += "|" + what;
    last_ = what;
  }
  void add(const std::string& what, std::string_view text) {
    if (last_ != what) start(what);
    seen += text;
  }

  std::string last_;
};

std::string read(const std::vector<std::string_view>& pieces, bool find_calls = true) {
  MergingSink sink;
  kit::ToolCallTracker calls(sink);
  const std::vector<ToolSpec> tools{{.name = "add"}, {.name = "sub"}, {.name = "now"}};
  kit::AnswerText text(sink, calls, find_calls ? std::span(tools) : std::span<const ToolSpec>());
  for (std::string_view piece : pieces) {
    const std::string copy(piece);  // gone with the next piece
    if (!copy.empty()) text.push(copy);
  }
  text.finish();
  calls.finish();
  return sink.seen;
}

// Cuts between characters alone: what comes before the reader of texts sees to that.
bool starts_a_character(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

const std::vector<std::string> kTexts = {
    "<think>\n so </th>\n</think>\n\nok <think>a</think>\n",
    "\n <think>a</think> \n<think>\n\n</think>b</think>",
    "It is\n</think>\n\nok </think>",
    "End `</think>` it, and </think>.",
    "It is `f`</think>`ok`",
    "</think>\n</think>ok",
    "\n{\"a\":\"x</think>y\"}",
    "```\na</think>b\n```",
    " \n\t",
    "a < b && c <",
    "<think>Grüße 🙂\n\n\n",
    "<|channel|>analysis<|message|>a <| b<|end|><|start|>assistant<|channel|>final<|message|>c<|return|>",
    "\n<|start|>assistant<|channel|>commentary to=functions.add "
    "<|constrain|>json<|message|>{\"x\":1}<|call|>",
    "<|channel|>final<|message|>I\n<tool_call>{\"name\":\"a\"}</tool_call> b<|end|>c<|channel|>analysis",
    "<|channel|>final<|message|>[TOOL_REQ<|start|>assistant<|channel|>analysis<|message|>UEST]",
    "<|channel|>a<|channel|>b<|message|><|end|><|end|><|message|>c<|start|>d",
    "<tool_call>\n{\"name\":\"add\",\"arguments\":{\"s\":\"<tool\"}}\n</tool_call>\n\n<tool_call>{}</"
    "tool_call> x",
    "I [TOOL_REQUEST]{\"name\":\"a\",\"arguments\":[]}[END_TOOL_REQUEST][TOOL_REQUEST]{\"name\":\"b\"}",
    "<tool_call><tool_call>{\"name\":\"a\"}<tool_call>{\"name\":\"b\"}</tool_call></tool_call>",
    "So <tool_call>{\"na.</think>\n<tool_call>{\"name\":\"a\"}</tool_call>",
};

}  // namespace

TEST_CASE("the markup of an answer means the same wherever the text is cut", "[streams]") {
  for (const std::string& text : kTexts) {
    const std::string_view all = text;
    const std::string expected = read({all});
    for (std::size_t first = 0; first <= all.size(); ++first) {
      for (std::size_t second = first; second <= all.size(); ++second) {
        if (!starts_a_character(all, first) || !starts_a_character(all, second)) continue;
        const std::string seen =
            read({all.substr(0, first), all.substr(first, second - first), all.substr(second)});
        if (seen == expected) continue;
        INFO(text << "\ncut at " << first << " and " << second);
        CHECK(seen == expected);
      }
    }
  }
}

TEST_CASE("any mixture of markup means the same in one piece and in tokens", "[streams]") {
  const std::array<std::string_view, 32> parts = {"<think>",
                                                  "</think>",
                                                  "<|start|>",
                                                  "<|channel|>",
                                                  "<|message|>",
                                                  "<|end|>",
                                                  "<|return|>",
                                                  "<|call|>",
                                                  "<|constrain|>json",
                                                  "analysis",
                                                  "final",
                                                  "commentary",
                                                  "to=functions.add",
                                                  "assistant",
                                                  "[TOOL_REQUEST]",
                                                  "[END_TOOL_REQUEST]",
                                                  "<tool_call>",
                                                  "</tool_call>",
                                                  R"({"name":"add","arguments":{"x":1}})",
                                                  "{",
                                                  "a",
                                                  "ü",
                                                  " ",
                                                  "\n",
                                                  "\n\n",
                                                  "`",
                                                  "<",
                                                  "<|",
                                                  "[",
                                                  "</",
                                                  "</thin",
                                                  "|>"};
  std::mt19937 random(22);
  for (int i = 0; i < 30000; ++i) {
    std::string text;
    std::vector<std::size_t> cuts = {0};
    for (std::size_t count = random() % 12; count > 0; --count) {
      text += parts[random() % parts.size()];
      if (random() % 2) cuts.push_back(text.size());
    }
    for (std::size_t count = random() % 4; count > 0; --count)
      if (const std::size_t at = random() % (text.size() + 1); starts_a_character(text, at))
        cuts.push_back(at);
    cuts.push_back(text.size());
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::string_view> pieces;
    for (std::size_t k = 1; k < cuts.size(); ++k)
      pieces.push_back(std::string_view(text).substr(cuts[k - 1], cuts[k] - cuts[k - 1]));
    INFO(text);
    const bool find_calls = random() % 2;
    REQUIRE(read(pieces, find_calls) == read({text}, find_calls));
  }
}

TEST_CASE("text without markup comes out as it is", "[streams]") {
  for (const char* text :
       {"Hello", "\n\nHello\n", "a < b", "x[0] = {1}", "<b>bold</b>", "if (a<|b|) [TOOL]", "ü🙂\n"})
    CHECK(read({text}) == std::string("|final:") + text);
  CHECK(read({}).empty());
}

TEST_CASE("what waits for more text has a limit", "[streams]") {
  const auto check = [](const std::string& text, const std::string& expected) {
    CHECK(read({text}) == expected);
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < text.size(); at += 100)
      pieces.push_back(std::string_view(text).substr(at, 100));
    CHECK(read(pieces) == expected);
  };
  const std::string blanks(300, '\n');
  check(blanks + "<think>a</think>", "|final:" + blanks + "<think>a</think>");
  check("<think>a" + blanks + "</think>b", "|thinking:a" + std::string(300 - 256, '\n') + "|final:b");
  const std::string header = "<|channel|>" + std::string(600, 'x') + "<|message|>a";
  check(header, "|final:" + header);
  check("<tool_call>" + blanks + "{}</tool_call>", "|final:<tool_call>" + blanks + "{}</tool_call>");
  const std::string endless = "{\"s\":\"" + std::string(1100000, 'x');
  check("<tool_call>" + endless, "|final:<tool_call>|unreadable|final:" + endless);
}
