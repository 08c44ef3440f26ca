// SPDX-License-Identifier: MIT
#include "base/partial_json.hpp"

#include <functional>
#include <random>

#include "base/json.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using base::PartialJson, base::parse_json, base::to_json;

namespace {

std::string partial(std::string_view text) {
  PartialJson json;
  json.push(text);
  return to_json(json.value());
}

// True when `whole` is what `part` can become.
bool grows_to(const Value& part, const Value& whole) {
  if (part.kind() != whole.kind()) return false;
  if (part.is_string()) return whole.as_string().substr(0, part.as_string().size()) == part.as_string();
  if (part.is_array()) {
    const auto& some = part.elements();
    const auto& all = whole.elements();
    if (some.size() > all.size()) return false;
    for (std::size_t i = 0; i < some.size(); ++i)
      if (i + 1 < some.size() ? !(some[i] == all[i]) : !grows_to(some[i], all[i])) return false;
    return true;
  }
  if (!part.is_object()) return part == whole;
  const auto& some = part.members();
  const auto& all = whole.members();
  if (some.size() > all.size()) return false;
  for (std::size_t i = 0; i < some.size(); ++i)
    if (some[i].key != all[i].key ||
        (i + 1 < some.size() ? !(some[i].value == all[i].value) : !grows_to(some[i].value, all[i].value)))
      return false;
  return true;
}

void check_every_prefix(const std::string& text) {
  const Value whole = parse_json(text).value();
  PartialJson bytewise;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    PartialJson at_once;
    at_once.push(std::string_view(text).substr(0, length));
    if (length) bytewise.push(std::string_view(text).substr(length - 1, 1));
    CAPTURE(text.substr(0, length), to_json(at_once.value()));
    REQUIRE((at_once.value().is_null() || grows_to(at_once.value(), whole)));
    REQUIRE((bytewise.value().is_null() || grows_to(bytewise.value(), at_once.value())));
    REQUIRE(parse_json(to_json(at_once.value())));
  }
  CHECK(bytewise.value() == whole);
  CHECK(bytewise.complete());
}

// A document with every kind of value, keys and escapes that hurt.
std::string random_document(std::mt19937& random) {
  const auto pick = [&](std::size_t count) { return random() % count; };
  const std::vector<std::string> strings = {R"("")", R"("a")", R"("\ud83d\ude42 🙂 é")",
                                            R"("\"\\\/\b\f\n\r\t\u00e9\u20ac")", R"("{[,:]}")"};
  const std::vector<std::string> words = {"0",    "-1",    "12.5e-3", "1E+2",
                                          "true", "false", "null",    "9007199254740993"};
  int names = 0;
  const std::function<std::string(int)> any = [&](int depth) -> std::string {
    const std::size_t kind = depth > 0 ? pick(4) : pick(2);
    if (kind == 0) return strings[pick(strings.size())];
    if (kind == 1) return words[pick(words.size())];
    std::string out = kind == 2 ? "[" : "{";
    for (std::size_t i = pick(4); i > 0; --i) {
      if (kind == 3) out += " \"k\\u0041" + std::to_string(names++) + "\" : ";
      out += any(depth - 1) + (i > 1 ? " ,\n" : "");
    }
    return out + (kind == 2 ? "]" : "}");
  };
  return "[" + any(4) + "]";
}

}  // namespace

TEST_CASE("an unfinished string counts as far as it has come; what can still change its meaning does not",
          "[partial-json]") {
  CHECK(partial("") == "null");
  CHECK(partial("{") == "{}");
  CHECK(partial(R"({"na)") == "{}");
  CHECK(partial(R"({"name")") == "{}");
  CHECK(partial(R"({"name": )") == "{}");
  CHECK(partial(R"({"name": "Ti)") == R"({"name":"Ti"})");
  CHECK(partial(R"({"age": 12)") == "{}");
  CHECK(partial(R"({"age": 12,)") == R"({"age":12})");
  CHECK(partial(R"({"done": tru)") == "{}");
  CHECK(partial(R"({"list": [1, [2)") == R"({"list":[1,[]]})");
}

TEST_CASE("a string cut in an escape or in a character ends before it", "[partial-json]") {
  CHECK(partial(R"(["a\)") == R"(["a"])");
  CHECK(partial(R"(["a\u20)") == R"(["a"])");
  CHECK(partial(R"(["a\ud83d)") == R"(["a"])");
  CHECK(partial(R"(["a\ud83d\ude)") == R"(["a"])");
  CHECK(partial("[\"a\xF0\x9F\x99") == R"(["a"])");
  CHECK(partial("[\"a\xC3") == R"(["a"])");
  CHECK(partial("[\"a\xC3\xA9") == "[\"a\xC3\xA9\"]");
}

TEST_CASE("every prefix of a document grows into it, and the last one is it", "[partial-json]") {
  check_every_prefix(
      R"({"a": {"b": [1, 2.5, -3e2, true, false, null, "x\ud83d\ude42y"], "": {}}, "c": "é€🙂"})");
  std::mt19937 random(11);
  for (int i = 0; i < 200; ++i) check_every_prefix(random_document(random));
}

TEST_CASE("text around the document is skipped, and so is what only looks like one", "[partial-json]") {
  CHECK(partial("Here you are [as asked]:\n```json\n{\"a\": [1]}\n``` {\"b\": 2}") == R"({"a":[1]})");
  PartialJson json;
  CHECK(!json.push("no JSON"));
  CHECK(json.value().is_null());
}

TEST_CASE("what is not JSON is given up without a crash", "[partial-json]") {
  for (const char* text :
       {"{]", "[1 2", "[\"\\x", "[\"\\ud83dx", "[\"\\ude42\"", "{\"a\" 1", "[nul]", "{,", "[\"\n"}) {
    PartialJson json;
    json.push(text);
    CHECK(!json.complete());
  }
  PartialJson deep;
  deep.push(std::string(100'000, '['));
  CHECK(!deep.complete());
}

TEST_CASE("a push says whether there is something new", "[partial-json]") {
  PartialJson json;
  CHECK(json.push("{"));
  CHECK(!json.push(R"("na)"));
  CHECK(json.push(R"(me": "T)"));
  CHECK(json.push("i"));
  CHECK(json.push(R"(m", "age": 7)"));
  CHECK(json.push("}"));
  CHECK(json.complete());
  CHECK(!json.push(" and so on"));
}

TEST_CASE("a long string is renewed in steps, and whole in the end", "[partial-json]") {
  PartialJson json;
  json.push("[\"");
  std::size_t renewed = 0;
  for (int i = 0; i < 1'000'000; ++i) renewed += json.push("x");
  CHECK(renewed < 2000);
  json.push("\"]");
  CHECK(json.value().elements()[0].as_string().size() == 1'000'000);
}
