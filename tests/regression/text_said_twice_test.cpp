// SPDX-License-Identifier: MIT
// Servers say one thing in many ways: the same text in two members of a chunk came twice, a second choice was
// mixed into the first, half a surrogate pair became U+FFFD, and what keeps a connection open ended the
// answer. Streams of every mixture, from fixed seeds, must give the answer that they were made of.
#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "plugins/common/chat/playback.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// One stream, and what it says.
class MixedStream {
 public:
  explicit MixedStream(unsigned seed) : random_(seed) {
    form_ = pick(4);
    two_choices_ = chance(3);
    reasons_ = chance(2);
    if (chance(2)) add_data(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})");
    if (reasons_) say("thinking", "reasoning_content");
    say("final", "content");
    end();
  }

  std::string bytes() const {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + body_;
  }
  std::string expected() const { return expected_ + "finish: stop\nprompt 5\n"; }

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  bool chance(unsigned of) { return pick(of) == 0; }

  // Words with characters of one to four bytes.
  std::u16string words() {
    static const std::array<std::u16string, 6> kWords = {u"so ",           u"caf\u00E9 ", u"\u6771\u4EAC ",
                                                         u"\xD83D\xDE00 ", u"\"q\" ",     u"1\n2 "};
    std::u16string text;
    for (unsigned i = 0, n = 2 + pick(6); i < n; ++i) text += kWords[pick(kWords.size())];
    return text + u"end";
  }

  // As JSON with escapes, where halves of a pair may stand alone.
  static std::string escaped(const std::u16string& text) {
    std::string out;
    for (const char16_t unit : text) {
      char digits[8];
      std::snprintf(digits, sizeof digits, "\\u%04x", static_cast<unsigned>(unit));
      out += digits;
    }
    return out;
  }

  void say(const std::string& channel, const std::string& member) {
    const std::u16string text = words();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + pick(4);
      so_far_[member] = text.substr(0, at + size);
      add_chunk(member, text.substr(at, size));
      at += size;
    }
    expected_ += channel + ": " + base::to_json(base::parse_json("\"" + escaped(text) + "\"").value()) + "\n";
  }

  void add_chunk(const std::string& member, const std::u16string& piece) {
    add_noise();
    std::string choice = R"("delta":{")" + member + R"(":")" + escaped(piece) + "\"}";
    if (form_ == 1 && member == "content") choice = mixed(choice, R"("text":")" + escaped(piece) + "\"");
    if (form_ == 2) choice = mixed(choice, message());
    std::string chunk = R"({"index":0,)" + choice + "}";
    const std::string other = R"({"index":1,"delta":{"content":"no"}})";
    if (two_choices_ && chance(2)) chunk = mixed(chunk, other);
    add_data(R"({"choices":[)" + chunk + "]}");
    if (two_choices_ && chance(2)) add_data(R"({"choices":[)" + other + "]}");
  }

  std::string mixed(const std::string& one, const std::string& two) {
    return chance(2) ? one + "," + two : two + "," + one;
  }

  std::string message() {
    std::string text;
    for (const auto& [member, said] : so_far_)
      text += (text.empty() ? "\"" : ",\"") + member + R"(":")" + escaped(said) + "\"";
    return R"("message":{)" + text + "}";
  }

  void end() {
    const std::string usage = R"("usage":{"prompt_tokens":5,"completion_tokens":7})";
    const bool in_choice = chance(2);
    add_noise();
    add_data(R"({"choices":[{"index":0,"finish_reason":"stop")" + (in_choice ? "," + usage : "") +
             (form_ == 3 ? "," + message() : R"(,"delta":{})") + "}]}");
    add_noise();
    if (!in_choice) add_data(R"({"choices":[],)" + usage + "}");
    static const std::array<const char*, 4> kEnds = {"data: [DONE]\n\n", "data: [DONE] \n\n",
                                                     "data:[DONE]\n\n", ""};
    body_ += kEnds[pick(kEnds.size())];
  }

  void add_noise() {
    static const std::array<const char*, 8> kNoise = {": wait\n\n",
                                                      "data: \n\n",
                                                      "data: null\n\n",
                                                      "event: ping\ndata: {}\n\n",
                                                      "event: ping\ndata: still here\n\n",
                                                      "event: queue\ndata: {\"message\":\"position 3\"}\n\n",
                                                      "data: {\"choices\":[]}\n\n",
                                                      "data: {\"error\":null,\"choices\":[]}\n\n"};
    if (chance(3)) body_ += kNoise[pick(kNoise.size())];
  }

  void add_data(const std::string& json) { body_ += "data: " + json + "\n\n"; }

  std::mt19937 random_;
  unsigned form_ = 0;  // 0: deltas; 1: with `text`; 2: with the message so far; 3: the whole message last
  bool two_choices_ = false;
  bool reasons_ = false;
  std::map<std::string, std::u16string> so_far_;  // by the member's name
  std::string body_;
  std::string expected_;
};

// The text of each channel in one line, the finish and the prompt's tokens.
std::string told_by(const std::string& bytes, std::size_t piece) {
  Playback playback;
  for (std::size_t at = 0; at < bytes.size(); at += piece) playback.feed_copied(bytes.substr(at, piece));
  const std::string events = playback.finish();
  std::string told, channel, text;
  const auto end_channel = [&] {
    if (!channel.empty()) told += channel + ": " + base::to_json(Value(text)) + "\n";
    text.clear();
  };
  for (std::size_t at = 0; at < events.size();) {
    const std::size_t end = events.find('\n', at);
    const std::string line = events.substr(at, end - at);
    at = end + 1;
    const std::string name = line.substr(0, line.find(':'));
    if (name == "final" || name == "thinking") {
      if (name != channel) end_channel();
      channel = name;
      text += base::parse_json(line.substr(name.size() + 2)).value().as_string();
    } else if (name == "usage") {
      told += line.substr(7, line.find(',') - 7) + "\n";
    } else {
      end_channel();
      channel.clear();
      told += line + "\n";
    }
  }
  return told;
}

}  // namespace

TEST_CASE("an answer is the same in whichever members and between whichever events it comes", "[streams]") {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    const MixedStream stream(seed);
    for (const std::size_t piece : {std::size_t(1'000'000), std::size_t(7)}) {
      if (const std::string told = told_by(stream.bytes(), piece); told != stream.expected()) {
        INFO("seed " << seed << ", pieces of " << piece << "\n" << stream.bytes());
        CHECK(told == stream.expected());
      }
    }
  }
}
