// SPDX-License-Identifier: MIT
#include "base/json.hpp"

#include <array>
#include <cstdio>
#include <limits>
#include <utility>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using base::parse_json, base::to_json;

namespace {

// What a string has to become, one character after the other.
std::string written_slowly(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = base::utf8_sequence_length(text);
    const std::string_view character = text.substr(0, length);
    const std::size_t control = base::control_length(text);
    if (!length)
      out += "\xEF\xBF\xBD";
    else if (character == "\"" || character == "\\")
      out.append("\\").append(character);
    else if (character == "\n" || character == "\r" || character == "\t")
      out += character == "\n" ? "\\n" : character == "\r" ? "\\r" : "\\t";
    else if (control == 1) {
      std::array<char, 8> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(character[0]));
      out += escape.data();
    } else if (control) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
      const unsigned code = control == 2
                                ? (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu)
                                : (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
      std::array<char, 8> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
      out += escape.data();
    } else {
      out += character;
    }
    text.remove_prefix(length ? length : 1);
  }
  return out + "\"";
}

}  // namespace

TEST_CASE("a value written as JSON reads back equal", "[json]") {
  const Value value = Value::object({{"null", nullptr},
                                     {"yes", true},
                                     {"integer", std::int64_t{-9007199254740993}},
                                     {"real", 0.1},
                                     {"whole real", 3.0},
                                     {"text", "line\n\"quoted\" \\ \x01 ü 🙂"},
                                     {"list", Value::array({1, "two", Value::array(), Value::object()})}});
  CHECK(parse_json(to_json(value)).value() == value);
  CHECK(parse_json(to_json(value, 2)).value() == value);
}

TEST_CASE("JSON is written in the order of the members, and reals stay reals", "[json]") {
  CHECK(to_json(Value::object({{"b", 1}, {"a", 1.0}, {"c", Value::array({true, nullptr})}})) ==
        R"({"b":1,"a":1.0,"c":[true,null]})");
  CHECK(to_json(Value::object({{"a", Value::array({1})}, {"b", Value::object()}}), 2) ==
        "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
  CHECK(to_json(std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("invalid UTF-8 in a string becomes U+FFFD when it is written", "[json]") {
  CHECK(to_json("a\xFF"
                "b\xC3") ==
        "\"a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\"");
}

TEST_CASE("text that is not JSON is a protocol error that says why", "[json]") {
  for (const char* text : {"", "{", "[1,]", "nul", "{\"a\":1}x", "\"\xFF\"", "{'a':1}"}) {
    INFO(text);
    const Result<Value> result = parse_json(text);
    REQUIRE(!result);
    CHECK(result.error().code == ErrorCode::protocol);
    CHECK(result.error().message.find("invalid JSON (") == 0);
  }
}

TEST_CASE("JSON may be a bare scalar, and at most 64 levels deep", "[json]") {
  CHECK(parse_json(" 5 ").value() == Value(5));
  CHECK(parse_json("9223372036854775807").value() == Value(std::numeric_limits<std::int64_t>::max()));
  CHECK(parse_json("18446744073709551615").value() == Value("18446744073709551615"));
  CHECK(parse_json("-9223372036854775809").value() == Value("-9223372036854775809"));
  CHECK(parse_json("[1,\"12345678901234567890123\",12345678901234567890123,{\"1\":-0.5e3}]").value() ==
        Value::array(
            {1, "12345678901234567890123", "12345678901234567890123", Value::object({{"1", -500.0}})}));
  CHECK_FALSE(parse_json("12345678901234567890123x"));
  CHECK(parse_json(std::string(60, '[') + std::string(60, ']')));
  CHECK(!parse_json(std::string(100, '[') + std::string(100, ']')));
}

TEST_CASE("every byte at every place of a string is written as one after the other would be", "[json]") {
  const std::string around =
      "a \xC3\xBC b \xE6\x97\xA5 c \xF0\x9F\x99\x82 d \xE2\x80\x9C e: plain text, and more of it "
      "for a longer one than any block";
  int wrong = 0;
  for (const std::string& filler : {std::string(90, 'x'), around + around})
    for (std::size_t start = 0; start < 16; ++start)
      for (std::size_t length = 0; length <= 70; ++length) {
        std::string text = filler.substr(0, start + length);
        const std::string_view piece = std::string_view(text).substr(start);
        wrong += to_json(piece) != written_slowly(piece);
        for (std::size_t place = start; place < text.size(); place += 1 + length / 16)
          for (const int byte : {0x00, 0x1F, 0x22, 0x5C, 0x7F, 0x80, 0xC2, 0xE2, 0xFF}) {
            const char before = std::exchange(text[place], static_cast<char>(byte));
            wrong += to_json(piece) != written_slowly(piece);
            text[place] = before;
          }
      }
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t length = 1; length <= 70; ++length)
      for (const std::size_t place : {std::size_t{0}, length / 2, length - 1}) {
        std::string text(length, 'x');
        text[place] = static_cast<char>(byte);
        wrong += to_json(text) != written_slowly(text);
      }
  CHECK(wrong == 0);
}

TEST_CASE("what may not be shown is escaped wherever it stands, also across blocks", "[json]") {
  for (const char* unsafe :
       {"\xC2\x9B", "\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x80\x9C", "\xC2\xA0"})
    for (std::size_t before = 0; before <= 40; ++before)
      for (std::size_t after = 0; after <= 40; after += 5) {
        const std::string text = std::string(before, 'x') + unsafe + std::string(after, 'y');
        CHECK(to_json(text) == written_slowly(text));
      }
}

TEST_CASE("long text is UTF-8 exactly if each of its characters is", "[json]") {
  for (const char* part : {"\x80", "\xC2", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF",
                           "\xF0\x9F\x99\x82", "\xEF\xBF\xBD", "\xE0\x80\x80", "\xF0\x80\x80\x80"})
    for (std::size_t before = 0; before <= 70; ++before)
      for (const std::size_t after : {0, 1, 40}) {
        const std::string text = std::string(before, 'x') + part + std::string(after, 'y');
        std::string_view rest = text;
        while (const std::size_t length = base::utf8_sequence_length(rest)) rest.remove_prefix(length);
        CHECK(base::is_utf8(text) == rest.empty());
      }
}
