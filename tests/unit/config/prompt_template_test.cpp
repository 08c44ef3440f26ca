// SPDX-License-Identifier: MIT
#include "tachikoma/prompt_template.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Result<PromptTemplate> read(const std::string& name, const std::string& text) {
  const TempDir folder;
  return load_prompt_template(folder.write(name, text));
}

std::string fault_of(const std::string& name, const std::string& text) {
  const Result<PromptTemplate> read_one = read(name, text);
  if (read_one) return "none";
  CHECK(read_one.error().code == ErrorCode::config_invalid);
  const std::string& message = read_one.error().message;
  return message.substr(message.find(name));
}

}  // namespace

TEST_CASE("a template is a text, with or without a head", "[templates]") {
  const PromptTemplate plain = read("a.md", "Say {{input}}\n").value();
  CHECK(plain.text == "Say {{input}}\n");
  CHECK(plain.model.empty());
  const PromptTemplate whole =
      read("a.md", "---\nmodel: small\nsystem: Be kind\ntemperature: 0.5\nstop: [END]\n---\nSay {{input}}\n")
          .value();
  CHECK(whole.text == "Say {{input}}\n");
  CHECK(whole.model == "small");
  CHECK(whole.system == "Be kind");
  CHECK(whole.settings.temperature == 0.5);
  CHECK(whole.settings.stop_sequences == std::vector<std::string>{"END"});
  CHECK(read("a.md", "---\r\nmodel: small\r\n---\r\nText").value().model == "small");
  CHECK(read("a.md", "---\n---\nText").value().text == "Text");
  CHECK(read("a.md", "---\nno head without its end").value().text == "---\nno head without its end");
}

TEST_CASE("a template in YAML has its text as prompt", "[templates]") {
  const PromptTemplate whole = read("a.yaml", "prompt: |\n  Say {{input}}\ninference: {top_k: 3}\n").value();
  CHECK(whole.text == "Say {{input}}\n");
  CHECK(whole.settings.top_k == 3);
  CHECK_THAT(fault_of("a.yaml", "model: small\n"), ContainsSubstring("'prompt' is missing"));
}

TEST_CASE("what is wrong with a template is told with its place", "[templates]") {
  CHECK_THAT(fault_of("a.md", "---\nmodel: small\ntemprature: 1\n---\nText"),
             StartsWith("a.md:3:1: ") && ContainsSubstring("did you mean 'temperature'?"));
  CHECK_THAT(fault_of("a.md", "---\nprompt: twice\n---\nText"), StartsWith("a.md:2:1: "));
  CHECK_THAT(fault_of("a.md", "---\n[a list]\n---\nText"), StartsWith("a.md:2:1: expected a mapping"));
  CHECK_THAT(fault_of("a.md", "Gr\xFC\xDF"), ContainsSubstring("UTF-8"));
  CHECK(load_prompt_template("/nowhere/a.md").error().code == ErrorCode::config_invalid);
}

TEST_CASE("the input is put into each place for it, or behind the text", "[templates]") {
  const auto fill = [](std::string text, std::string_view input) {
    return filled(PromptTemplate{.text = std::move(text)}, input);
  };
  CHECK(fill("{{input}} and {{input}}", "{{input}}") == "{{input}} and {{input}}");
  CHECK(fill("Say {{ input }}", "") == "Say {{ input }}");
  CHECK(fill("Shorten this:\n", "a text") == "Shorten this:\n\na text");
  CHECK(fill("Tell a joke\n", "") == "Tell a joke\n");
  CHECK(fill("", "a text") == "a text");
}
