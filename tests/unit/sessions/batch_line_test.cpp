// SPDX-License-Identifier: MIT
#include "sessions/batch_line.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sessions/line_file.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using sessions::BatchLine;

namespace {

Result<BatchLine> read(const std::string& text) {
  base::JsonParser parser;
  return sessions::read_batch_line(parser, text, "usual");
}

generate::GenerationRequest chat(const std::string& body) {
  return std::get<generate::GenerationRequest>(
      read(R"({"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":)" + body + "}")
          .value()
          .request);
}

// What is wrong with a body that has that beside its prompt.
std::string refusal(const std::string& field) {
  const Result<BatchLine> line = read(R"({"prompt":"x",)" + field + "}");
  return line ? "" : line.error().message;
}

}  // namespace

TEST_CASE("the messages of a batch's line are those of a request", "[batch]") {
  const TextRequest request = chat(R"({"model":"m","messages":[
      {"role":"developer","content":"Be kind"},
      {"role":"user","name":"ada","content":[{"type":"text","text":"What is"},{"type":"text","text":"this?"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC","detail":"auto"}}]},
      {"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","tool_calls":[
        {"id":"c1","type":"function","function":{"name":"look","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c1","content":"a cat"}]})")
                                  .text;
  CHECK(request.model == "m");
  REQUIRE(request.messages.size() == 4);
  CHECK(request.messages[0].role == Role::system);
  CHECK(request.messages[1].text == "What is\nthis?");
  REQUIRE(request.messages[1].images.size() == 1);
  CHECK(request.messages[1].images[0].mime_type == "image/png");
  CHECK(request.messages[1].images[0].bytes == std::string("\0\1\2", 3));
  CHECK(request.messages[1].extra["name"].as_string() == "ada");
  CHECK(request.messages[2].reasoning == "hm");
  REQUIRE(request.messages[2].tool_calls.size() == 1);
  CHECK(request.messages[2].tool_calls[0].name == "look");
  CHECK(request.messages[3].tool_call_id == "c1");
}

TEST_CASE("the settings, tools and format of a batch's line are those of a request", "[batch]") {
  const generate::GenerationRequest request = chat(
      R"({"messages":[{"role":"user","content":"x"}],"temperature":0.5,"top_p":0.9,"max_tokens":5,"seed":7,
      "stop":["a","b"],"presence_penalty":1,"frequency_penalty":-1,"logit_bias":{"5":-100},
      "reasoning_effort":"low","top_k":3,"n":1,"stream":false,"logprobs":null,"parallel_tool_calls":false,
      "tools":[{"type":"function","function":{"name":"look","description":"Looks","parameters":{"type":"object"}}}],
      "tool_choice":{"type":"function","function":{"name":"look"}},"response_format":{"type":"json_object"}})");
  const GenerationSettings& settings = request.text.settings;
  CHECK(request.text.model == "usual");
  CHECK(settings.temperature == 0.5);
  CHECK(settings.top_p == 0.9);
  CHECK(settings.max_tokens == 5);
  CHECK(settings.seed == 7);
  CHECK(settings.stop_sequences == std::vector<std::string>{"a", "b"});
  CHECK(settings.presence_penalty == 1.0);
  CHECK(settings.frequency_penalty == -1.0);
  REQUIRE(settings.logit_bias.size() == 1);
  CHECK(settings.logit_bias[0].token == 5);
  CHECK(settings.reasoning_effort == ReasoningEffort::low);
  CHECK(settings.top_k == 3);
  CHECK(request.text.parallel_tool_calls == false);
  REQUIRE(request.text.tools.entries().size() == 1);
  CHECK(request.text.tools.entries()[0].spec.description == "Looks");
  CHECK(request.text.tool_choice->name == "look");
  CHECK(request.response_schema["type"].as_string() == "object");
  CHECK(chat(R"({"prompt":"x","max_completion_tokens":9})").text.settings.max_tokens == 9);
  CHECK(chat(R"({"prompt":"x","response_format":{"type":"text"}})").response_schema.is_null());
}

TEST_CASE("no field of a batch's line is left out silently", "[batch]") {
  for (const char* field :
       {R"("user":"me")", R"("n":2)", R"("stream":true)", R"("logprobs":true)", R"("top_logprobs":3)",
        R"("metadata":{})", R"("stream_options":{})", R"("max_tokens":1,"max_completion_tokens":1)",
        R"("reasoning_effort":"minimal")", R"("temperature":"hot")", R"("messages":[])",
        R"("tools":[{"type":"function","function":{"name":"a","strict":true}}])",
        R"("tools":[{"type":"custom"}])", R"("tool_choice":"any")", R"("response_format":{"type":"xml"})",
        R"("response_format":{"type":"json_schema","json_schema":{"name":"a"}})",
        R"("response_format":{"type":"json_schema","json_schema":{"schema":{"type":"nothing"}}})"}) {
    INFO(field);
    CHECK_FALSE(refusal(field).empty());
  }
  CHECK(refusal(R"("seed":1)").empty());
  for (const char* line :
       {R"({"input":"x","dimensions":3})", R"({"input":[1,2]})", R"({"input":[]})", R"({"input":""})",
        R"({"input":"x","encoding_format":"base64"})", "{}", R"({"messages":[{"content":"x"}]})",
        R"({"messages":[{"role":"user","content":[{"type":"input_audio"}]}]})",
        R"({"custom_id":7,"prompt":"x"})",
        R"({"custom_id":"1","method":"GET","url":"/v1/embeddings","body":{"input":"x"}})"}) {
    INFO(line);
    CHECK_FALSE(read(line));
  }
}

TEST_CASE("a batch's line for embeddings has one text or several", "[batch]") {
  const EmbeddingRequest several = std::get<EmbeddingRequest>(
      read(R"({"model":"e","input":["a","b"],"encoding_format":"float"})")->request);
  CHECK(several.model == "e");
  CHECK(several.texts == std::vector<std::string>{"a", "b"});
  CHECK(std::get<EmbeddingRequest>(read(R"({"input":"a"})")->request).texts.size() == 1);
}

TEST_CASE("lines longer than what is read at once are whole, and can be read again", "[batch]") {
  const TempDir folder;
  std::string text;
  std::vector<std::string> lines;
  for (const std::size_t size : {3, 300'000, 0, 262'143, 1, 700'000}) {
    lines.emplace_back(size, static_cast<char>('a' + lines.size()));
    text += lines.back() + "\n";
  }
  text += "cut";
  sessions::LineFile file = sessions::LineFile::open(folder.write("lines", text)).value();
  std::vector<sessions::LinePlace> places;
  for (const std::string& expected : lines) {
    const auto line = file.next().value();
    REQUIRE(line);
    CHECK((line->text == expected && line->has_end));
    places.push_back(line->place);
  }
  const auto last = file.next().value();
  REQUIRE(last);
  CHECK((last->text == "cut" && !last->has_end));
  CHECK_FALSE(file.next().value());
  for (std::size_t i = lines.size(); i-- > 0;) CHECK((file.read(places[i]).value() == lines[i]));
}
