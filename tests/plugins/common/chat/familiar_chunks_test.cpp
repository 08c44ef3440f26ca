// SPDX-License-Identifier: MIT
// Chunks that resemble the one before are not parsed. What comes of them must be what parsing makes of them.
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "common/chat/chat_reply.hpp"
#include "common/chat/chunk_template.hpp"
#include "common/net/tail_room.hpp"
#include "support/catch.hpp"
#include "support/recording_sink.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string chunk(const std::string& content, const std::string& id = "a") {
  return R"({"id":")" + id + R"(","choices":[{"index":0,"delta":{"content":")" + content +
         R"("},"finish_reason":null}]})";
}

std::string event(const std::string& content, const std::string& id = "a") {
  return "data: " + chunk(content, id) + "\n\n";
}

// Plays the pieces of a stream's body; tells what came of them.
std::string play(const std::vector<std::string>& pieces) {
  RecordingSink sink;
  const kit::ChatFacts facts{.request = {.base_url = "http://host:1", .model = "m"}};
  kit::ChatReply reply(sink, facts);
  kit::HttpHead head{.status = 200};
  head.fields.push_back({"Content-Type", "text/event-stream"});
  reply.on_head(head);
  for (const std::string& piece : pieces) {
    const auto copy = std::make_unique<char[]>(piece.size() + kit::kTailRoom);
    std::memcpy(copy.get(), piece.data(), piece.size());
    if (reply.on_body({copy.get(), piece.size()}) == Flow::stop) break;
  }
  const Result<ChatOutcome> outcome = *reply.finish(Done{});
  return sink.lines + describe(outcome);
}

std::vector<std::string> in_bytes(const std::vector<std::string>& pieces) {
  std::vector<std::string> bytes;
  for (const std::string& piece : pieces)
    for (char c : piece) bytes.emplace_back(1, c);
  return bytes;
}

template <std::size_t size>
std::string any_of(const std::array<std::string, size>& parts, std::mt19937& random) {
  std::string text;
  for (std::size_t count = random() % 6; count > 0; --count) text += parts[random() % size];
  return text;
}

// What may stand in a string, and what may not.
const std::array<std::string, 36> kParts = {"word",
                                            " ",
                                            "123456789",
                                            "ü",
                                            "🙂",
                                            R"(\n)",
                                            R"(\")",
                                            R"(\\)",
                                            R"(\/)",
                                            R"(\b)",
                                            R"(\f)",
                                            R"(\r)",
                                            R"(\t)",
                                            R"(\u00fC)",
                                            R"(\u20AC)",
                                            R"(\u0000)",
                                            R"(\u0041)",
                                            R"(\uD83D\uDE42)",
                                            R"(\uD83D)",
                                            R"(\uDE42)",
                                            R"(\uD83D\u0041)",
                                            R"(\uDE42\uD83D)",
                                            R"(\uD83D\n)",
                                            R"(\u12)",
                                            R"(\u12g4)",
                                            R"(\x)",
                                            R"(\)",
                                            "\"",
                                            "\t",
                                            "\x7f",
                                            "\xF0\x9F",
                                            "\x99\x82",
                                            "\xFF",
                                            "\xED\xA0\x80",
                                            R"(\U0041)",
                                            R"(\uFFFF)"};

}  // namespace

TEST_CASE("a chunk that resembles the one before gives what parsing it gives", "[streams]") {
  std::mt19937 random(20);
  for (int i = 0; i < 20000; ++i) {
    const std::string content = any_of(kParts, random);
    const std::string parsed = play({event("x", "b"), event(content), event("y", "c")});
    INFO(content);
    REQUIRE(play({event("x"), event(content), event("y", "c")}) == parsed);
    REQUIRE(play({event("x") + event(content) + event("y", "c")}) == parsed);  // through the splitter
  }
}

TEST_CASE("an event that resembles the one before is familiar only where an event can start", "[streams]") {
  const std::array<std::string, 13> pieces = {event("x"),
                                              event("y\\n"),
                                              "event: error\n",
                                              "data: {}\n",
                                              "data: \n",
                                              "data",
                                              ": comment\n",
                                              "\n",
                                              "\r",
                                              "\r\n",
                                              "data: " + chunk("z") + "\r\n\r\n",
                                              "data: [DONE]\n\n",
                                              event("")};
  std::mt19937 random(21);
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::string> stream = {event("x")};
    for (int count = 0; count < 5; ++count) stream.push_back(pieces[random() % pieces.size()]);
    std::string whole;
    for (const std::string& piece : stream) whole += piece;
    INFO(whole);
    REQUIRE(play(stream) == play(in_bytes(stream)));
  }
}

TEST_CASE("a chunk of several lines is not taken for an event of one line", "[streams]") {
  std::string lines = chunk("x");
  lines.insert(1, "\n");
  std::string data = "data: " + lines + "\n\n";
  data.replace(data.find("\n\""), 1, "\ndata: ");
  REQUIRE(play({data, data}) == play(in_bytes({data, data})));
  CHECK(play({data, "data: " + lines + "\n\n"}) == play(in_bytes({data, "data: " + lines + "\n\n"})));
}

TEST_CASE("the template undoes valid escapes and leaves the others to the parser", "[streams]") {
  kit::ChunkTemplate learnt;
  const std::string first = chunk("x");
  learnt.learn(first, std::string_view(first).substr(first.find("\"x\"") + 1, 1), Channel::final);
  const auto match = [&](const std::string& content) {
    const std::string whole = chunk(content);
    const auto text = learnt.match(whole);
    return text ? std::optional<std::string>(*text) : std::nullopt;
  };
  CHECK(match(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(match(R"(a\u00FCb\u20acc\ud83D\uDE42d)") == "aüb€c🙂d");
  CHECK(match(R"(\u0000)") == std::string(1, 0));
  CHECK(match("\xF0\x9F\\n") == "\xF0\x9F\n");
  for (const char* left : {R"(\uD83D)", R"(\uDE42)", R"(\uD83D\u0041)", R"(\uD83D\n)", R"(\u12)", R"(\u12g4)",
                           R"(\x)", R"(\)", "\"", "a\tb", "\\n\""})
    CHECK_FALSE(match(left));
}
