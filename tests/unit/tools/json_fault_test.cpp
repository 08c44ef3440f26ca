// SPDX-License-Identifier: MIT
#include "tools/json_fault.hpp"

#include <string>

#include "base/json.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using tachikoma::tools::json_fault;

TEST_CASE("what is JSON has no fault", "[json_fault]") {
  for (const char* text :
       {"{}", " [ ] ", R"({"a": [1, -2.5e+3, 0, 0.1, true, false, null], "b\n\u00e9": {"c": ""}})", "\"x\"",
        "0"}) {
    INFO(text);
    CHECK(base::parse_json(text));
    CHECK(json_fault(text) == "");
  }
}

TEST_CASE("a fault is told with its place, what belongs there and what stands there", "[json_fault]") {
  struct Case {
    const char *text, *fault;
  };
  for (const Case& each : {
           Case{R"({"city": "Rome")", "line 1, byte 16: expected ',' or '}', found the end"},
           {R"({"city": "Rome)", "line 1, byte 15: expected '\"' at the end of the string, found the end"},
           {"{\n  'city': 1}", "line 2, byte 3: expected a name in double quotes, found ''city''"},
           {R"({city: 1})", "line 1, byte 2: expected a name in double quotes, found 'city'"},
           {R"({"a" 1})", "line 1, byte 6: expected ':', found '1'"},
           {R"({"a": })", "line 1, byte 7: expected a value, found '}'"},
           {R"({"a": 1,})", "line 1, byte 9: expected a name in double quotes, found '}'"},
           {R"({"a": True})", "line 1, byte 7: expected a value, found 'True'"},
           {R"([1 2])", "line 1, byte 4: expected ',' or ']', found '2'"},
           {R"([1.])", "line 1, byte 4: expected a digit, found ']'"},
           {R"([1e+])", "line 1, byte 5: expected a digit, found ']'"},
           {R"([01])", "line 1, byte 3: expected ',' or ']', found '1'"},
           {R"([-])", "line 1, byte 2: expected a value, found '-'"},
           {R"(["\x"])", "line 1, byte 3: expected an escape such as \\n or \\u00e9, found '\\x\"'"},
           {R"(["\u12"])", "line 1, byte 3: expected an escape such as \\n or \\u00e9, found '\\u12\"'"},
           {"[\"a\nb\"]", "line 1, byte 4: expected an escape such as \\n, or '\"', found a line break"},
           {R"({} {})", "line 1, byte 4: expected nothing more, found '{'"},
           {"rain in Rome", "line 1, byte 1: expected a value, found 'rain'"},
           {"[\xE2\x82\xAC]", "line 1, byte 2: expected a value, found '\xE2\x82\xAC'"},
       }) {
    INFO(each.text);
    CHECK_FALSE(base::parse_json(each.text));
    CHECK(json_fault(each.text) == each.fault);
  }
}

TEST_CASE("nesting without end is a fault, not a crash", "[json_fault]") {
  CHECK(json_fault(std::string(100'000, '[')).find("expected less nesting") != std::string::npos);
}

TEST_CASE("every beginning of a JSON text that is none is a fault", "[json_fault]") {
  const std::string text = R"({"a": [1, -2.5e+3, true, null, "\u00e9\n"], "b": {"c": 0}})";
  for (std::size_t length = 1; length < text.size(); ++length) {
    const std::string start = text.substr(0, length);
    INFO(start);
    CHECK(json_fault(start).empty() == static_cast<bool>(base::parse_json(start)));
  }
}
