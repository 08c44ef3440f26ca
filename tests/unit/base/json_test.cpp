// SPDX-License-Identifier: MIT
#include "base/json.hpp"

#include <limits>

#include "support/catch.hpp"

using namespace tachikoma;
using base::parse_json, base::to_json;

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
