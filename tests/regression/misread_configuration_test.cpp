// SPDX-License-Identifier: MIT
// What people and programs write, and a YAML parser takes for something else: characters that JSON writes in
// two halves, variables within brackets or in quotes, tabs, blanks that are none; and values that could only
// fail later.
#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const Value& inference_of(const Config& config) { return config.effective["defaults"]["inference"]; }

}  // namespace

TEST_CASE("two halves of a character are one, as JSON writes them", "[config][yaml]") {
  const Config config = check(R"({"providers": {"echo": {"reasoning": "a\ud83d\ude00\u00e9\\ud83d\/"}},
    "defaults": {"inference": {"stop": ["\uD834\uDD1E"]}}})")
                            .value();
  CHECK(config.effective["providers"]["echo"]["reasoning"] == Value("a\U0001F600\u00e9\\ud83d/"));
  CHECK(inference_of(config)["stop"].elements().front() == Value("\U0001D11E"));
  CHECK(check("providers: {echo: {reasoning: 'a\\ud83d\\ude00'}}")
            .value()
            .effective["providers"]["echo"]["reasoning"] == Value("a\\ud83d\\ude00"));
}

TEST_CASE("places after such a character are right", "[config][yaml]") {
  CHECK(fault(R"({"providers": {"echo": {"reasoning": "\ud83d\ude00", "modles": []}}})") ==
        "test.yaml:1:54: providers.echo: unknown key 'modles'; did you mean 'models'?");
}

TEST_CASE("half of a character is an error that says so", "[config][yaml]") {
  for (const char* half : {"\\ud83d", "\\ude00", "\\ud83d\\u0041", "\\ude00\\ud83d"})
    CHECK_THAT(fault("{\"providers\": {\"echo\": {\"reasoning\": \"" + std::string(half) + "\"}}}"),
               ContainsSubstring(
                   "an escape here is half of a character; write both halves, or the character itself"));
}

TEST_CASE("a variable within brackets is one, with quotes and without", "[config][yaml]") {
  ::setenv("TACHIKOMA_TEST_K", "40", 1);
  ::setenv("TACHIKOMA_TEST_WORD", "a, b} c", 1);
  const Config config =
      check(
          "providers: {echo: {reasoning: ${TACHIKOMA_TEST_WORD}, models: [${TACHIKOMA_TEST_K}, "
          "x-${TACHIKOMA_TEST_K}/y], "
          "delay: ${TACHIKOMA_TEST_NONE:-2s}}}\n"
          "defaults: {inference: {top_k: ${TACHIKOMA_TEST_K}, seed: \"${TACHIKOMA_TEST_K}\", "
          "temperature: '${TACHIKOMA_TEST_NONE:-0.5}', stop: [\"${TACHIKOMA_TEST_K}\"]}}\n")
          .value();
  const Value& echo = config.effective["providers"]["echo"];
  CHECK(echo["reasoning"] == Value("a, b} c"));
  CHECK(echo["models"] == Value(Value::array({"40", "x-40/y"})));
  CHECK(echo["delay"] == Value("2s"));
  CHECK(inference_of(config)["top_k"] == Value(40));
  CHECK(inference_of(config)["seed"] == Value(40));
  CHECK(inference_of(config)["temperature"] == Value(0.5));
  CHECK(inference_of(config)["stop"] == Value(Value::array({"40"})));
  ::unsetenv("TACHIKOMA_TEST_K");
  CHECK(fault("providers: {echo: {models: [x], delay: ${TACHIKOMA_TEST_K}}}") ==
        "test.yaml:1:40: providers.echo.delay: the environment variable 'TACHIKOMA_TEST_K' is not set; set "
        "it, or give "
        "a default: ${TACHIKOMA_TEST_K:-…}");
  ::unsetenv("TACHIKOMA_TEST_WORD");
}

TEST_CASE("text around a variable, and a quoted number, stay text", "[config][yaml]") {
  ::setenv("TACHIKOMA_TEST_K", "4", 1);
  CHECK_THAT(fault("providers: {echo: {}}\ndefaults: {inference: {top_k: \"1${TACHIKOMA_TEST_K}\"}}"),
             ContainsSubstring("expected a whole number, found the text '14'"));
  ::unsetenv("TACHIKOMA_TEST_K");
  CHECK_THAT(fault("providers: {echo: {}}\ndefaults: {inference: {top_k: \"4\"}}"),
             ContainsSubstring("found the text '4'; remove the quotes"));
}

TEST_CASE("a tab in front of a line is named, where it is", "[config][yaml]") {
  const std::string problem =
      ": this line is indented with a tab, which YAML does not allow; use blanks, or ";
  CHECK_THAT(fault("providers:\n\techo: {}\n"), StartsWith("test.yaml:2:1" + problem));
  CHECK_THAT(fault("providers:\n  echo:\n  \tdelay: 1s\n"), StartsWith("test.yaml:3:3" + problem));
  CHECK_THAT(fault("providers:\n\techo:\n    delay: 1s\nmodels: [\n"), StartsWith("test.yaml:2:1" + problem));
  CHECK(check("{\n\t\"providers\": {\n\t\t\"echo\": {}\n\t}\n}\n"));  // JSON may
  CHECK(check("providers:\n  echo: {reasoning: \"a\tb\"}\t# a tab\n"));
}

TEST_CASE("what only looks like a blank is named, where it is", "[config][yaml]") {
  CHECK(fault("providers:\n  \u00a0echo: {}\n") ==
        "test.yaml:2:3: a no-break space (U+00A0) is here, where YAML knows only blanks; use blanks, or put "
        "text that "
        "needs it in quotes");
  CHECK_THAT(fault("providers:\n  echo:\u00a0{}\n"),
             StartsWith("test.yaml:2:8: a no-break space (U+00A0) is here"));
  CHECK_THAT(fault("providers: {echo: {reasoning: a\u3000}}\n"),
             ContainsSubstring("an ideographic space (U+3000)"));
  CHECK_THAT(fault("providers:\u202f{echo: {}}\n"), ContainsSubstring("a narrow no-break space (U+202F)"));
  CHECK_THAT(fault("providers:\n  echo: {}\u00a0\n"),
             ContainsSubstring(":2:11: ") && ContainsSubstring("a no-break space (U+00A0) is here"));
  CHECK(check("providers: {echo: {reasoning: un\u00a0deux, models: [\"\u00a0\"]}}  # \u00a0\n"));
}

TEST_CASE("a URL of another protocol is refused by the check", "[config]") {
  for (const char* url : {"ws://localhost:1234", "wss://a/v1", "ftp://a", "file:///etc/passwd", "unix://a"}) {
    INFO(url);
    const std::string wrong = fault("providers: {lmstudio: {base_url: '" + std::string(url) + "'}}");
    CHECK_THAT(wrong, ContainsSubstring(std::string(url).starts_with("file")
                                            ? "expected a URL such as"
                                            : "expected a URL that begins with http"));
  }
  CHECK(check("providers: {lmstudio: {base_url: 'HTTPS://localhost:1234'}}"));
  CHECK_THAT(fault("providers: {p: {plugin: openai, endpoints: ['ws://a']}}"),
             ContainsSubstring("http:// or https://"));
}

TEST_CASE("LM Studio's own keys beside providers get a hint to where they belong", "[config]") {
  const std::string head = "providers: {echo: {}}\n";
  CHECK(fault(head + "context_length: 16384") ==
        "test.yaml:2:1: unknown key 'context_length'; it belongs under 'defaults.load'");
  CHECK(fault(head + "n_gpu_layers: -1") ==
        "test.yaml:2:1: unknown key 'n_gpu_layers'; it belongs under 'defaults.load'");
  CHECK(fault(head + "temperature: 0.7") ==
        "test.yaml:2:1: unknown key 'temperature'; it belongs under 'defaults.inference'");
  CHECK(fault(head + "host: localhost") ==
        "test.yaml:2:1: unknown key 'host'; here the provider has it: base_url: http://host:port/v1");
  CHECK(fault(head + "port: 1234") ==
        "test.yaml:2:1: unknown key 'port'; here the provider has it: base_url: http://host:port/v1");
  CHECK(fault(head + "cors: true") ==
        "test.yaml:2:1: unknown key 'cors'; here the provider 'lmstudio' has it, beside start_server: true");
  CHECK(fault(head + "retry: {attempts: 2}") ==
        "test.yaml:2:1: unknown key 'retry'; it belongs under 'policy'");
}

TEST_CASE("a setting that a provider would refuse in every request is refused by the check", "[config]") {
  const std::string why =
      "the provider 'lmstudio' can't do this; no API of LM Studio is known to honour it: remove it, or use "
      "the "
      "'llamacpp' plugin";
  const std::string head = "providers: {lmstudio: {}}\n";
  CHECK(fault(head + "models: {a: {key: x, mirostat: 2}}") == "test.yaml:2:32: models.a.mirostat: " + why);
  CHECK(fault(head + "models: {a: {key: x, inference: {mirostat: 1}}}") ==
        "test.yaml:2:44: models.a.inference.mirostat: " + why);
  CHECK(fault(head + "defaults: {inference: {mirostat: 1}}\nmodels: {a: {key: x}}") ==
        "test.yaml:2:34: defaults.inference.mirostat: " + why);
  CHECK(fault("providers: {lmstudio: {inference: {mirostat: 1}}}") ==
        "test.yaml:1:46: providers.lmstudio.inference.mirostat: " + why);
  CHECK_THAT(fault("mirostat: 2\ntemperature: 0.7\n"), ContainsSubstring(why));
  CHECK_THAT(fault("providers: {p: {plugin: openai, inference: {mirostat: 1}}}"),
             ContainsSubstring("the provider 'p' can't do this; "));
  // "off" is always fine, and so is what a nearer value turns off
  CHECK(check(head + "models: {a: {key: x, mirostat: 0}}"));
  CHECK(check("providers: {lmstudio: {inference: {mirostat: 0}}}\ndefaults: {inference: {mirostat: 1}}"));
  CHECK(check("providers: {llamacpp: {inference: {mirostat: 2}}}"));
}
