// SPDX-License-Identifier: MIT
#include "config/plain_yaml.hpp"

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "config/source_text.hpp"
#include "config/yaml_document.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::config;
using namespace std::string_literals;

namespace {

bool same(Position a, Position b) { return a.line == b.line && a.column == b.column; }

bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || !same(a.at, b.at) || a.text != b.text || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  for (std::size_t i = 0; i < a.entries.size(); ++i)
    if (a.entries[i].key != b.entries[i].key || !same(a.entries[i].at, b.entries[i].at) ||
        !same(a.entries[i].node, b.entries[i].node))
      return false;
  return true;
}

// Whether the text is read without the YAML parser, which must then read the same.
bool is_plain(const std::string& text) {
  const std::optional<Node> plain = read_plain_yaml(without_byte_order_mark(text));
  if (!plain) return false;
  INFO(text);
  Problems problems("test.yaml");
  const std::optional<Node> parsed = parse_with_yaml_parser(text, problems);
  INFO((problems.empty() ? "" : problems.to_error().message));
  CHECK(problems.empty());
  REQUIRE(parsed);
  CHECK(same(*plain, *parsed));
  return true;
}

constexpr char kUsual[] = R"(# a configuration
providers:
  lmstudio: {}
  other:
    plugin: openai
    base_url: http://localhost:8080/v1  # here
    api_key: "${KEY:-none at all}"
    timeouts: {connect: 5s, load: 10m}

  # indented by more
  third:
      plugin: openai
      load:   {context_length: 8192, extra: {a: {b: 1}, c: -d}}
models:   # two
  slow: {provider: 'other', key: "a 'b' #c", stop: [d, "e", {f: [g]}], fallback: []}
  fast: {provider: lmstudio, key: vendor/model-1@q4_k_m, temperature: 0.5, pin: true}
verbose: yes
)";

}  // namespace

TEST_CASE("the usual YAML is read as by the YAML parser", "[config][yaml]") {
  std::string usual = kUsual;
  CHECK_FALSE(is_plain(usual));  // "-d" may be the start of a list
  usual.replace(usual.find("-d"), 2, "d");
  CHECK(is_plain(usual));
  usual.pop_back();
  CHECK(is_plain(usual));
  CHECK(is_plain("\xEF\xBB\xBF" + usual));
  for (const char* text : {"a: b",
                           "a: {}",
                           "a:\n b: c\nd:\n    e: f\n",
                           "a: { b: c , d: e }",
                           "a:b: c",
                           "a: b:c/d:e",
                           "a: {b: c:d}",
                           "1: 2",
                           "a:\n  b:\n    c:\n      d: e\nf: g",
                           "/a: /b",
                           "\n\na: b\n\n",
                           "a:\n  \n  b: c",
                           "_: __",
                           "a: [b]",
                           "a: [ b , c:d ]",
                           "a: []",
                           "a: [[b], [{c: d}], []]",
                           "a: 'b'",
                           "a: \"b\"",
                           "a: \"\"",
                           "a: ''",
                           "a: ' b  c '",
                           "a: 'b: c, [d] #e'",
                           "a: '\"'",
                           "a: \"'\"",
                           "a: 'null'",
                           "a: {b: 'c', d: [\"e\"]}",
                           "a: b # c",
                           "a: b #",
                           "a: b ",
                           "a: {b: c} # d",
                           "a: [b] # \xC3\xBC",
                           "a: 'b' # c",
                           "a: # b\n  c: d",
                           "a: \n  b: c"}) {
    INFO(text);
    CHECK(is_plain(text));
  }
}

TEST_CASE("all other YAML is left to the YAML parser", "[config][yaml]") {
  for (const char* text : {"",
                           "# nothing",
                           "a",
                           "a:",
                           "a: \n",
                           "a:\nb: c",
                           "- a",
                           "a: [b",
                           "a: [b,]",
                           "a: [b: c]",
                           "a: [b]c",
                           "a: [b\n]",
                           "a: [b # c\n]",
                           "a: [null]",
                           "a: [-b]",
                           "a: ['b':c]",
                           "[a]: b",
                           "a: 'b''c'",
                           "a: 'b",
                           "a: 'b\n c'",
                           "a: '\\'",
                           "a: 'b'c",
                           "a: 'b': c",
                           "a: 'b'#c",
                           "a: '\xC3\xBC'",
                           "a: \"b\\n\"",
                           "a: \"b\tc\"",
                           "'a': b",
                           "a: b#c",
                           "a:#b",
                           "a: # b",
                           "a: b c",
                           "a: null",
                           "a: ~",
                           "null: a",
                           "a: &b c",
                           "a: *b",
                           "a: !b c",
                           "<<: a",
                           "? a",
                           "a: |\n b",
                           "a: {b}",
                           "a: {b: }",
                           "a: {b: c,}",
                           "a: {b: c",
                           "a: {b:c}",
                           "a: b\na: c",
                           "a: {b: c, b: d}",
                           "a:\n b: c\n  d: e",
                           " a: b\nc: d",
                           " a: b",
                           "a: b\n c: d",
                           "a:\n  b: c\n d: e",
                           "a: b\r\n",
                           "a:\tb",
                           "\ta: b",
                           "a: \xC3\xBC",
                           "---\na: b",
                           "a: b\n...\n",
                           "a: b:",
                           "a: .5",
                           "a: -1",
                           "a: {b: c}d",
                           "a : b",
                           "a: %b",
                           "%a: b",
                           "a: @b",
                           "a: `b",
                           "a: b}",
                           "a: b,c",
                           "{a: b}"}) {
    INFO(text);
    CHECK_FALSE(is_plain(text));
  }
  CHECK_FALSE(is_plain("a: " + std::string(300, 'b')));
}

TEST_CASE("files of any pieces are read as by the YAML parser, or by that", "[config][yaml]") {
  const std::vector<std::string> pieces = {"a",
                                           "b",
                                           "key-1",
                                           "x.y",
                                           "/",
                                           "http://h:1/v",
                                           "null",
                                           ":",
                                           ": ",
                                           ": ",
                                           ": ",
                                           " ",
                                           "  ",
                                           "    ",
                                           "\n",
                                           "\n",
                                           "\n  ",
                                           "\n    ",
                                           "{",
                                           "}",
                                           "{}",
                                           ", ",
                                           ",",
                                           "#",
                                           " # c",
                                           "\n# c",
                                           "-",
                                           "- ",
                                           ".",
                                           "...",
                                           "---",
                                           "'",
                                           "\"",
                                           "'a'",
                                           "[",
                                           "]",
                                           "[a]",
                                           "\"b\"",
                                           "@",
                                           "+",
                                           "_",
                                           "a: b\n",
                                           "c:\n  d: e\n",
                                           "f: {g: h}\n",
                                           "i:\n    j: k\n"};
  std::mt19937 random(7);
  int plain = 0;
  for (int round = 0; round < 8'000; ++round) {
    std::string text;
    for (std::size_t count = 1 + random() % 9; count > 0; --count) text += pieces[random() % pieces.size()];
    plain += is_plain(text);
  }
  CHECK(plain > 100);
  const std::string usual = kUsual;
  for (std::size_t at = 0; at < usual.size(); ++at)
    for (const char* piece : {"", " ", "\n", ":", "{", "}", ",", "a", "-", "#", "\n  a: b"}) {
      std::string text = usual;
      is_plain(text.replace(at, at % 2, piece));
    }
  for (const auto& entry : std::filesystem::directory_iterator(TACHIKOMA_SOURCE_DIR "/config"))
    if (entry.is_regular_file()) is_plain(tachikoma::testing::read_file(entry.path()));
}
