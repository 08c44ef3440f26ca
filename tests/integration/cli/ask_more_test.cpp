// SPDX-License-Identifier: MIT
// What `ask` does beyond a question and an answer in text: objects by a schema, tools, images.
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kSchema[] = R"({"type": "object", "required": ["name", "born"],
  "properties": {"name": {"type": "string"}, "born": {"type": "integer"}}})";
constexpr char kPixel[] = "\x89PNG\r\n\x1a\n the rest of a picture";

std::string with_parrot(const Simulator& simulator) {
  return "providers: {lmstudio: {base_url: \"" + simulator.base_url() +
         "\"}}\ntools: {parrot: {plugin: echo}}\ndefaults: {model: openai/gpt-oss-20b}\n";
}

}  // namespace

TEST_CASE("--schema prints the object alone, valid, as one line", "[cli][ask][schema]") {
  const Simulator simulator;
  const Shell shell(with_parrot(simulator));
  shell.folder().write("person.json", kSchema);
  const Finished asked = shell.tachikoma({"ask", "--schema", "person.json", "Who wrote Faust?"});
  CHECK(asked.exit_code == 0);
  CHECK(asked.err.empty());
  const Value object = json_of(asked.out);
  CHECK(object["name"].is_string());
  CHECK(object["born"].is_integer());
  const Value reply =
      json_of(shell.tachikoma({"ask", "--json", "--schema", "person.json", "Who wrote Faust?"}).out);
  CHECK(reply["kind"].as_string() == "reply");
  CHECK(reply["data"]["object"] == object);
}

TEST_CASE("--stream-json with --schema prints the object as it grows, and the whole one at the end",
          "[cli][ask][schema]") {
  const Simulator simulator;
  const Shell shell(with_parrot(simulator));
  shell.folder().write("person.json", kSchema);
  const Finished asked =
      shell.tachikoma({"ask", "--stream-json", "--schema", "person.json", "Who wrote Faust?"});
  const std::vector<Value> lines = json_lines_of(asked.out);
  CHECK(types_of(lines) == "start partial end");
  CHECK(lines.back()["object"]["name"].is_string());
  CHECK(lines.at(lines.size() - 2)["object"] == lines.back()["object"]);
}

TEST_CASE("an answer that never fits the schema is exit 11, and says where", "[cli][ask][schema]") {
  const Simulator simulator("replies:\n  - text: '{\"name\": 7, \"born\": 1749}'\n");
  const Shell shell(with_parrot(simulator));
  shell.folder().write("person.json", kSchema);
  const Finished asked = shell.tachikoma({"ask", "--json", "--schema", "person.json", "Who wrote Faust?"});
  CHECK(asked.exit_code == 11);
  CHECK(asked.out.empty());
  const Value error = json_of(asked.err)["error"];
  CHECK(error["code"].as_string() == "schema_violation");
  CHECK(error["detail"]["pointer"].as_string() == "/name");
}

TEST_CASE("a file that holds no schema is exit 2, and nothing is sent", "[cli][ask][schema]") {
  const Simulator simulator;
  const Shell shell(with_parrot(simulator));
  shell.folder().write("text.json", "not json");
  shell.folder().write("typo.json", R"({"type": "object", "propertys": {}})");
  for (const auto& [file, said] :
       {std::pair{"text.json", "'text.json' is not JSON"}, std::pair{"typo.json", "propertys"},
        std::pair{"none.json", "none.json"}}) {
    INFO(file);
    const Finished asked = shell.tachikoma({"ask", "--schema", file, "Who?"});
    CHECK(asked.exit_code == 2);
    CHECK_THAT(asked.err, ContainsSubstring(said));
  }
  CHECK(simulator.state()["requests"].elements().empty());
}

TEST_CASE("--tool lets the model call a tool of the configuration, and answers with what it returned",
          "[cli][ask][tool]") {
  const Simulator simulator(R"(replies:
  - when: {tool_results: 0}
    tool_calls: [{name: echo, arguments: {text: "polly"}}]
  - text: "It said so."
)");
  const Shell shell(with_parrot(simulator));
  CHECK(shell.tachikoma({"ask", "--tool", "parrot", "--yes", "Ask the parrot"}).out == "It said so.\n");
  const Finished streamed =
      shell.tachikoma({"ask", "--stream-json", "--tool", "parrot", "--yes", "Ask the parrot"});
  std::string result;
  for (const Value& line : json_lines_of(streamed.out))
    if (line["type"].as_string() == "tool_result") result = line["text"].as_string();
  CHECK(result == "polly");
  const Value reply =
      json_of(shell.tachikoma({"ask", "--json", "--tool", "parrot", "--yes", "Ask the parrot"}).out);
  CHECK(reply["data"]["steps"].as_integer() == 2);
  const Finished unknown = shell.tachikoma({"ask", "--tool", "parot", "Ask the parrot"});
  CHECK(unknown.exit_code == 3);
  CHECK_THAT(unknown.err, ContainsSubstring("did you mean 'parrot'?"));
}

TEST_CASE("-f with an image shows it to a model that sees, and one that does not is not asked",
          "[cli][ask][image]") {
  const Simulator simulator;
  const Shell shell(with_parrot(simulator));
  shell.folder().write("pixel.png", std::string(kPixel, sizeof kPixel - 1));
  const Finished seen = shell.tachikoma({"ask", "-m", "gemma-3-12b", "-f", "pixel.png", "What is it?"});
  INFO(seen.err);
  CHECK(seen.exit_code == 0);
  CHECK_THAT(seen.out, ContainsSubstring("image/png"));
  const Finished blind = shell.tachikoma({"ask", "-m", "mistral-7b", "-f", "pixel.png", "What is it?"});
  CHECK(blind.exit_code == 1);
  CHECK_THAT(blind.err, ContainsSubstring("mistral-7b"));
}
