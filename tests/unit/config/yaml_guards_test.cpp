// SPDX-License-Identifier: MIT
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::string_literals;

namespace {

constexpr std::string_view kGood = R"(# a file with most of what the language has
providers: &all
  lmstudio: {base_url: auto, timeouts: {connect: 2s}}
  local:
    plugin: "openai"
    base_url: 'http://localhost:8080/v1'
    headers: &headers
      X-Note: "é ☃ \u00e9"
    tls: {verify: off}
  other: {plugin: openai, base_url: http://localhost, headers: *headers}
models:
  chat: {provider: local, key: a/b, temperature: 0.5, stop: [x, "y"], extra: {top_a: [1, 2.5, null]}}
defaults:
  inference:
    stop: |
      two
      lines
)";

}  // namespace

TEST_CASE("bytes that are no text are refused with their place", "[config][yaml]") {
  CHECK(fault("a: 1\nb: \0x\n"s) == "test.yaml:2:4: the file has a NUL byte here; save it as UTF-8 text");
  CHECK(fault("a: 1\n  \xFF\n") == "test.yaml:2:3: the file is not valid UTF-8 here; save it as UTF-8");
  CHECK(fault("a: é\x1B[1m\n") == "test.yaml:1:5: the file has a control character here; remove it");
  CHECK(fault("\xFF\xFE"
              "a\0:\0"s) == "test.yaml:1:1: the file is UTF-16; save it as UTF-8");
  CHECK(fault("\xFE\xFF\0a\0:"s) == "test.yaml:1:1: the file is UTF-16; save it as UTF-8");
  CHECK(fault("a: \"x\\0y\"\n") == "test.yaml:1:4: the text contains a NUL character");
}

TEST_CASE("a byte order mark and Windows line ends are fine", "[config][yaml]") {
  CHECK(check("\xEF\xBB\xBFproviders:\r\n  lmstudio: {}\r\nverbose: on\r\n").value().verbose);
  CHECK(fault("\xEF\xBB\xBFproviders: {lmstudio: {}}\r\nverbos: on\r\n") ==
        "test.yaml:2:1: unknown key 'verbos'; did you mean 'verbose'?");
}

TEST_CASE("columns count characters", "[config][yaml]") {
  CHECK(fault("providers: {lmstudio: {}}\nmodels: {\"é☃\": {}, b: {ke: x}}\n") ==
        "test.yaml:2:24: models.b: unknown key 'ke'; did you mean 'key'?");
}

TEST_CASE("a file that is nested too deep or repeats itself without bound is refused", "[config][yaml]") {
  CHECK(fault(std::string(2000, '[') + std::string(2000, ']')) ==
        "test.yaml:1:65: the file is nested more than 64 levels deep");
  CHECK_FALSE(check(std::string(100'000, '[')));
  CHECK_FALSE(check(std::string(100'000, '{')));
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i)
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  CHECK(fault(chain).find("nested more than 64 levels deep") != std::string::npos);
  std::string list = "a: [";
  for (int i = 0; i < 60'000; ++i) list += "1,";
  CHECK(fault(list + "1]").find("the file has more than 50000 values, aliases included") !=
        std::string::npos);
}

TEST_CASE("a quote is closed in its own scalar, whatever is before it", "[config][yaml]") {
  CHECK(fault("providers: {lmstudio: {}}\na: &x \"open\n") ==
        "test.yaml:2:4: this quote is not closed before the end of the file; close it");
  CHECK(fault("a: 'it''s\n") ==
        "test.yaml:1:4: this quote is not closed before the end of the file; close it");
  CHECK(check("providers: {lmstudio: {}}\nmodels: {a: {key: 'it''s'}, b: {key: \"\\\"\"}}\n")
            .value()
            .models[0]
            .key == "it's");
}

TEST_CASE("an alias is the value that it names", "[config][yaml]") {
  const Config config = check(kGood).value();
  CHECK(config.providers[1].settings["headers"] == config.providers[2].settings["headers"]);
  CHECK(config.default_inference.stop_sequences == std::vector<std::string>{"two\nlines\n"});
}

TEST_CASE("a file that is missing, a folder or too large is named", "[config]") {
  const TempDir dir;
  PluginRegistry plugins;
  const auto message = [&](const std::string& file) {
    const Result<Config> result = load_config(file, plugins);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::config_invalid);
    CHECK(result.error().detail["file"].as_string() == file);
    return result.error().message;
  };
  const std::string missing = dir.path() / "missing.yaml";
  CHECK(message(missing) == "can't read the configuration '" + missing + "': No such file or directory");
  CHECK(message(dir.path()) == "can't read the configuration '" + dir.path().string() + "': it is a folder");
  const std::string large = dir.write("large.yaml", std::string((1 << 20) + 1, '#'));
  CHECK(message(large) == "can't read the configuration '" + large + "': it is larger than 1 MiB");
}

TEST_CASE("a file without a provider is refused", "[config]") {
  CHECK(fault("verbose: true\n") ==
        "test.yaml:1:1: the key 'providers' is missing; name one, such as 'providers: {lmstudio: {}}'");
  CHECK(fault("providers: {}\n") ==
        "test.yaml:1:1: providers: there is no provider; name one, such as 'lmstudio: {}'");
}

TEST_CASE("every beginning of a good file is accepted or refused", "[config][yaml]") {
  REQUIRE(check(kGood));
  for (std::size_t length = 0; length < kGood.size(); ++length) {
    const Result<Config> result = check(kGood.substr(0, length));
    if (!result) CHECK(result.error().code == ErrorCode::config_invalid);
  }
}

TEST_CASE("any changed byte of a good file is accepted or refused", "[config][yaml]") {
  std::uint32_t random = 12345;
  const auto next = [&random] { return (random = random * 1664525u + 1013904223u) >> 8; };
  constexpr std::string_view kMarks = "{}[]:,&*!|>'\"%@`#-?<~$ \n\t\\\x80\xFF";
  for (int i = 0; i < 3000; ++i) {
    std::string text(kGood);
    for (std::uint32_t changes = 1 + next() % 3; changes; --changes) {
      const char mark = next() % 4 ? kMarks[next() % kMarks.size()] : static_cast<char>(next() % 256);
      text[next() % text.size()] = mark;
    }
    const Result<Config> result = check(text);
    if (!result) CHECK_FALSE(result.error().message.empty());
  }
}
