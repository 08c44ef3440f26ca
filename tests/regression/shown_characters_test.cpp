// SPDX-License-Identifier: MIT
// What others write reached terminals and logs in one of four ways, none of which knew all that is dangerous
// there: C1 control characters (U+009B is ESC [), DEL, Unicode's ends of lines, and overrides of the
// direction of writing, which make text look like another. JSON had them as they are.
#include <string>
#include <vector>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/utf8.hpp"
#include "config/document.hpp"
#include "support/catch.hpp"
#include "tachikoma/plugin_registry.hpp"

using namespace tachikoma;

namespace {

// One of each, with its escape in JSON.
const std::vector<std::pair<std::string, std::string>> kDangerous{
    {"\x1b", "\\u001b"},   {"\x07", "\\u0007"},   {"\x7f", "\\u007f"},   {"\u0080", "\\u0080"},
    {"\u0085", "\\u0085"}, {"\u009b", "\\u009b"}, {"\u009f", "\\u009f"}, {"\u2028", "\\u2028"},
    {"\u2029", "\\u2029"}, {"\u202a", "\\u202a"}, {"\u202b", "\\u202b"}, {"\u202c", "\\u202c"},
    {"\u202d", "\\u202d"}, {"\u202e", "\\u202e"}, {"\u2066", "\\u2066"}, {"\u2067", "\\u2067"},
    {"\u2068", "\\u2068"}, {"\u2069", "\\u2069"}};

// What looks alike in its bytes, and what people need.
constexpr char kHarmless[] =
    "\u00a0\u00e9\u061c\u200e\u200f\u2010\u2027\u202f\u2065\u206a\u2014\u05d0\U0001F468\u200D\U0001F469 ~";

}  // namespace

TEST_CASE("no character that a terminal acts on, or that reorders text, is shown", "[text]") {
  for (const auto& [character, escape] : kDangerous) {
    INFO(escape);
    CHECK(base::control_length(character) == character.size());
    CHECK(base::printable("a" + character + "b") == "a b");
    CHECK(base::excerpt("a" + character + "b") == "a b");
    CHECK(base::visible("a" + character + "b").find(character) == std::string::npos);
    CHECK(base::visible("a" + character + "b").size() == 5);
    CHECK(base::to_json(Value("a" + character + "b")) == "\"a" + escape + "b\"");
    CHECK(base::parse_json(base::to_json(Value(character))).value() == Value(character));
    CHECK(base::quoted_list({"a" + character + "b"}) == "'a b'");
    CHECK(config::in_quotes("a" + character + "b") == "'a b'");
  }
}

TEST_CASE("every other character is shown as it is", "[text]") {
  CHECK(base::printable(kHarmless) == kHarmless);
  CHECK(base::visible(std::string(kHarmless) + "\n\t") == std::string(kHarmless) + "\n\t");
  CHECK(base::to_json(Value(kHarmless)) == "\"" + std::string(kHarmless) + "\"");
  CHECK(base::visible("over\rwritten") == "overwritten");
  CHECK(base::visible("\x9b"
                      "31m") == std::string(base::kReplacementCharacter) + "31m");
}

TEST_CASE("every line of a log is one line, whoever wrote it", "[plugins][text]") {
  std::vector<std::string> lines;
  const PluginRegistry registry(
      {"./a\nb\u202e\u009b"},
      [&](Severity, std::string_view, std::string_view text) { lines.emplace_back(text); });
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0].starts_with("plugin path: './a b  ' is not an absolute folder"));
}
