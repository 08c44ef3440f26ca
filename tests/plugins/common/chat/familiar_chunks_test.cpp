// SPDX-License-Identifier: MIT
// Chunks that resemble the one before are not parsed. What comes of them must be what parsing makes of them.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "common/chat/chat_reply.hpp"
#include "common/chat/json_text.hpp"
#include "common/net/tail_room.hpp"
#include "plugins/common/chat/recognition.hpp"
#include "support/catch.hpp"
#include "support/recording_sink.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string chunk(const std::string& content, const std::string& id = "a") {
  return R"({"id":")" + id + R"(","choices":[{"index":0,"delta":{"content":")" + content +
         R"("},"finish_reason":null}]})";
}

std::string event_of(const std::string& chunk) { return "data: " + chunk + "\n\n"; }
// The same, and never taken for one that resembles another.
std::string strange_event_of(const std::string& chunk) { return "data:  " + chunk + "\n\n"; }

std::string event(const std::string& content, const std::string& id = "a") {
  return event_of(chunk(content, id));
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
    const std::vector<std::string> chunks = {chunk("x"), chunk(any_of(kParts, random)), chunk("y", "c")};
    std::vector<std::string> events, strange;
    for (const std::string& each : chunks) {
      events.push_back(event_of(each));
      strange.push_back(strange_event_of(each));
    }
    const std::string parsed = play(strange);
    INFO(chunks[1]);
    REQUIRE(play(events) == parsed);
    REQUIRE(play({events[0] + events[1] + events[2]}) == parsed);  // in one piece
    REQUIRE(play(in_bytes(events)) == parsed);                     // through the splitter
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
  const auto match = [&](const std::string& content) {
    const Recognition found = recognise(std::array{chunk("x")}, chunk(content));
    CHECK(found.by_template == found.by_parser);
    return found.matched;
  };
  CHECK(match(R"(\"\\\/\b\f\n\r\t)"));
  CHECK(match(R"(a\u00FCb\u20acc\ud83D\uDE42d)"));
  CHECK(match(R"(\u0000)"));
  CHECK(match("\xF0\x9F\\n"));
  for (const char* left : {R"(\uD83D)", R"(\uDE42)", R"(\uD83D\u0041)", R"(\uD83D\n)", R"(\u12)", R"(\u12g4)",
                           R"(\x)", R"(\)", "\"", "a\tb", "\\n\""})
    CHECK_FALSE(match(left));
}

namespace {

// The forms of chunks, with places for an id, a time, a padding and a text.
constexpr std::array<const char*, 12> kChunkForms = {
    // LM Studio
    R"({"id":"ID","object":"chat.completion.chunk","created":TIME,"model":"m","system_fingerprint":"PAD","choices":[{"index":0,"delta":{"role":"assistant","content":"TEXT"},"logprobs":null,"finish_reason":null}]})",
    // OpenAI
    R"({"id":"ID","object":"chat.completion.chunk","created":TIME,"model":"m","service_tier":"default","choices":[{"index":0,"delta":{"content":"TEXT"},"finish_reason":null}],"usage":null,"obfuscation":"PAD"})",
    // llama.cpp
    R"({"choices":[{"finish_reason":null,"index":0,"delta":{"content":"TEXT"}}],"created":TIME,"id":"ID","model":"m","system_fingerprint":"b1","object":"chat.completion.chunk"})",
    // its reasoning
    R"({"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"TEXT"}}],"created":TIME,"id":"ID","model":"m","object":"chat.completion.chunk","p":"PAD"})",
    // arguments of a call
    R"({"id":"ID","created":TIME,"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"type":"function","function":{"arguments":"TEXT"}}]},"finish_reason":null}],"p":"PAD"})",
    // log probabilities
    R"({"id":"ID","choices":[{"index":0,"delta":{"content":"TEXT"},"logprobs":{"content":[{"token":"PAD","logprob":-0.TIME,"bytes":[TIME]}]},"finish_reason":null}]})",
    // OpenRouter's reasoning
    R"({"id":"ID","choices":[{"index":0,"delta":{"content":"","reasoning":"TEXT","reasoning_details":[{"text":"PAD"}]},"finish_reason":null}]})",
    // LM Studio's own form
    R"({"type":"message.delta","content":"TEXT","id":"ID","at":TIME})",
    // blanks, and a name twice
    R"({ "id" : "ID" , "created" : TIME ,"id":"PAD", "choices" : [ { "delta" : { "content" : "TEXT" } } ] })",
    // a usage in each
    R"({"id":"ID","choices":[{"index":0,"delta":{"content":"TEXT"}}],"usage":{"prompt_tokens":7,"completion_tokens":TIME,"total_tokens":TIME,"prompt_tokens_details":{"cached_tokens":3}}})",
    // the same count twice, and none
    R"({"choices":[{"delta":{"content":"TEXT"},"usage":{"input_tokens":5,"completion_tokens":TIME}}],"usage":{"output_tokens":9,"prompt_tokens":null}})",
    // nothing of it means nothing
    R"({"id":"a","choices":[{"index":0,"delta":{"content":"TEXT","id":"ID"}}],"usage":{"completion_tokens":1.TIME}})",
};

std::string filled(std::string form, std::string_view place, const std::string& value) {
  const std::size_t at = form.find(place);
  return at == std::string::npos ? form : form.replace(at, place.size(), value);
}

std::string form_with(const std::string& form, const std::string& text, int number) {
  const std::string digits = std::to_string(1763800000 + number);
  return filled(filled(filled(filled(form, "ID", "chat-" + digits), "TIME", digits), "PAD",
                       std::string(static_cast<std::size_t>(number % 7), 'x')),
                "TEXT", text);
}

}  // namespace

TEST_CASE("chunks match though what means nothing differs in each", "[streams]") {
  for (std::size_t i = 0; i < kChunkForms.size(); ++i) {
    const std::array learnt = {form_with(kChunkForms[i], "a", 1), form_with(kChunkForms[i], "b", 2)};
    const Recognition found = recognise(learnt, form_with(kChunkForms[i], R"(c\n \"ü\")", 3));
    INFO(kChunkForms[i]);
    CHECK(found.matched == (i + 1 < kChunkForms.size()));
    CHECK(found.by_template == found.by_parser);
  }
}

TEST_CASE("what means nothing may be any one value whose end is certain", "[streams]") {
  const auto chunk_with = [](const std::string& id, const std::string& model, const std::string& chances) {
    return R"({"id":)" + id + R"(,"model":)" + model + R"(,"choices":[{"logprobs":)" + chances +
           R"(,"delta":{"content":"x"}}]})";
  };
  const std::array learnt = {chunk_with(R"("a")", R"("m")", "{}"), chunk_with(R"("b")", R"("m")", "[]")};
  const auto matches = [&](const std::string& id, const std::string& model, const std::string& chances) {
    const std::string chunk = chunk_with(id, model, chances);
    const Recognition found = recognise(learnt, chunk);
    INFO(chunk);
    CHECK(found.by_template == found.by_parser);
    return found.matched;
  };
  for (const char* value : {R"("")", "3", "-1.5e+10", "null", R"("a\"b")", R"("\\")", R"("\x")",
                            "\"\xFF, {}\"", "{}", R"([{"a":["]}\"",1]}])"})
    CHECK((matches(value, R"("m")", "null") && matches("3", R"("m")", value)));
  for (const char* value : {"", " 3", "\"", "\"a\tb\"", "\"a\\\tb\"", R"("\)", "[", "[\t]", "[\\\"]",
                            R"("a","error":"b")", "3,", "{}}", R"("a" "b")"})
    CHECK_FALSE((matches(value, R"("m")", "null") || matches("3", R"("m")", value)));
  CHECK_FALSE(matches("3", R"("another")", "null"));
  CHECK_FALSE(matches("3", R"("m")", std::string(100, '[') + std::string(100, ']')));
}

TEST_CASE("a chunk of very many members, and chunks that never match, are left to the parser", "[streams]") {
  const auto members = [](int count) {
    std::string chunk = R"({"choices":[{"delta":{"content":"x"}}])";
    for (int i = 0; i < count; ++i) chunk += R"(,"a":1)";
    return chunk + "}";
  };
  CHECK(recognise(std::array{members(64)}, members(64)).matched);
  CHECK_FALSE(recognise(std::array{members(65)}, members(65)).matched);
  std::vector<std::string> different;
  for (int i = 0; i < 20; ++i) different.push_back(members(i % 2));
  CHECK_FALSE(recognise(different, members(1)).matched);
  different.resize(16);
  CHECK(recognise(different, members(1)).matched);
}

TEST_CASE("a count of a chunk that matches is the one that parsing finds", "[streams]") {
  const auto chunk_with = [](const std::string& count) {
    return R"({"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":3,"completion_tokens":)" +
           count + R"(,"input_tokens":)" + count + "}}";
  };
  const std::vector learnt = {chunk_with("1")};
  const auto matches = [&](const std::string& count) {
    const Recognition found = recognise(learnt, chunk_with(count));
    INFO(count);
    CHECK(found.by_template == found.by_parser);
    return found.matched;
  };
  for (const char* count : {"0", "2", "1000000", "999999999999999999"}) CHECK(matches(count));
  for (const char* count :
       {"", " 4", "-1", "1.5", "01", "1e3", "null", R"("4")", "9223372036854775808", "4x"})
    CHECK_FALSE(matches(count));
  for (const char* count : {"5x", "5.5", "-5", "05", "5e1"})
    CHECK(recognise(std::array{chunk_with(count)}, chunk_with("7" + std::string(count).substr(1)))
              .by_template ==
          recognise(std::array{chunk_with(count)}, chunk_with("7" + std::string(count).substr(1))).by_parser);
}

TEST_CASE("a text that ends anywhere is known to be ASCII or not, whatever is behind it", "[streams]") {
  for (std::size_t size = 0; size < 20; ++size) {
    for (std::size_t place = 0; place <= size; ++place) {
      for (const std::string_view end : {"", "\"", "\\", "\"\xC3\xBC", "\"12345678\xFF"}) {
        std::string text(size, 'a');
        if (place < size) text[place] = '\xC3';
        text += end;
        std::uint64_t bits = 0;
        INFO(text);
        CHECK(kit::plain_run(text, bits) == size);
        CHECK(kit::is_ascii(bits) == (place == size));
      }
    }
  }
}

TEST_CASE("a mutated chunk that matches means what the parser makes of it", "[streams]") {
  constexpr std::string_view kBytes = "\"\\{}[]:,0e.- \tnux\xFF\xF0";
  std::mt19937 random(22);
  int matched = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::string form = kChunkForms[random() % kChunkForms.size()];
    const std::array learnt = {form_with(form, "a", 1), form_with(form, any_of(kParts, random), 2)};
    std::string chunk = form_with(form, any_of(kParts, random), static_cast<int>(random() % 100));
    for (std::size_t count = random() % 3; count > 0; --count) {
      const std::size_t at = random() % chunk.size();
      const std::string byte(random() % 3, kBytes[random() % kBytes.size()]);
      chunk.replace(at, random() % 2, byte);
    }
    const Recognition found = recognise(learnt, chunk);
    matched += found.matched ? 1 : 0;
    INFO(learnt[1] << '\n' << chunk);
    REQUIRE(found.by_template == found.by_parser);
  }
  CHECK(matched > 2000);
}

TEST_CASE("a stream of mutated chunks gives what parsing each gives", "[streams]") {
  std::mt19937 random(23);
  for (int i = 0; i < 3000; ++i) {
    std::string known, strange;
    std::array<const char*, 2> forms = {kChunkForms[random() % kChunkForms.size()],
                                        kChunkForms[random() % kChunkForms.size()]};
    for (int number = 0; number < 8; ++number) {
      std::string chunk = form_with(forms[random() % 8 == 0], any_of(kParts, random), number);
      if (random() % 8 == 0) chunk.erase(random() % chunk.size(), 1);
      known += event_of(chunk);
      strange += strange_event_of(chunk);
    }
    INFO(known);
    REQUIRE(play({known}) == play({strange}));
    REQUIRE(play(in_bytes({known})) == play({strange}));
  }
}
