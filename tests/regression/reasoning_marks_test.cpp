// SPDX-License-Identifier: MIT
// The reasoning of Magistral, Seed-OSS, Kimi-VL, Gemma 4 and others, in marks other than <think>, was part of
// the answer.
#include <string>
#include <utility>
#include <vector>

#include "common/chat/answer_text.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::vector<std::pair<std::string, std::string>> kMarks{
    {"<think>", "</think>"},
    {"<thinking>", "</thinking>"},
    {"<thought>", "</thought>"},
    {"<seed:think>", "</seed:think>"},
    {"<|channel>thought\n", "<channel|>"},
    {"<|START_THINKING|>", "<|END_THINKING|>"},
    {"[THINK]", "[/THINK]"},
    {"◁think▷", "◁/think▷"},
};

class ChannelSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent& event) override {
    if (event.kind == ChatEvent::Kind::rechannel) thinking = std::exchange(answer, {});
    if (event.kind == ChatEvent::Kind::delta)
      (event.channel == Channel::final ? answer : thinking) += event.text;
    return Flow::proceed;
  }
  std::string thinking, answer;
};

ChannelSink read(const std::string& text, std::size_t cut) {
  ChannelSink sink;
  kit::ToolCallTracker calls(sink);
  kit::AnswerText answer(sink, calls, {});
  for (const std::string& piece : {text.substr(0, cut), text.substr(cut)})
    if (!piece.empty()) answer.push(piece);
  answer.finish();
  return sink;
}

// At every byte where a character starts.
template <class Check>
void read_at_each_cut(const std::string& text, Check check) {
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    if (cut == text.size() || (static_cast<unsigned char>(text[cut]) & 0xC0) != 0x80) check(read(text, cut));
}

}  // namespace

TEST_CASE("reasoning is separated by the marks of every family", "[streams]") {
  for (const auto& [opening, closing] : kMarks) {
    INFO(opening);
    read_at_each_cut("\n" + opening + "\nSo [1] < 2 …\n" + closing + "\n\nYes.", [](const ChannelSink& sink) {
      CHECK(sink.thinking == "So [1] < 2 …");
      CHECK(sink.answer == "Yes.");
    });
    read_at_each_cut(opening + "endless", [](const ChannelSink& sink) {
      CHECK(sink.thinking == "endless");
      CHECK(sink.answer.empty());
    });
  }
}

TEST_CASE("a mark of one family does not end the reasoning of another", "[streams]") {
  for (const auto& [opening, closing] : kMarks)
    for (const auto& [other, end] : kMarks)
      if (end != closing && other != opening)
        CHECK(read(opening + "a" + end + "b" + closing + "c", opening.size() + 1).thinking ==
              "a" + end + "b");
}

TEST_CASE("an end without a start makes all before it reasoning, where templates open the reasoning",
          "[streams]") {
  for (const char* closing : {"</think>", "</thinking>", "</seed:think>", "<channel|>"})
    read_at_each_cut(std::string("It is so.\n") + closing + "\nYes.", [](const ChannelSink& sink) {
      CHECK(sink.thinking == "It is so.\n");
      CHECK(sink.answer == "Yes.");
    });
}

TEST_CASE("marks after the first text of an answer are a part of it", "[streams]") {
  for (const auto& [opening, closing] : kMarks) {
    const std::string text = "The marks are `" + opening + "` and others.";
    read_at_each_cut(text, [&](const ChannelSink& sink) {
      CHECK(sink.answer == text);
      CHECK(sink.thinking.empty());
    });
  }
  for (const std::string text : {"[THIS] is no mark", "◁ neither", "[/THINK]", "<thinker>"})
    read_at_each_cut(text, [&](const ChannelSink& sink) { CHECK(sink.answer == text); });
}
