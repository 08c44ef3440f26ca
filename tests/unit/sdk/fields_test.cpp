// SPDX-License-Identifier: MIT
#include "tachikoma/plugin/sdk/fields.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/catch.hpp"
#include "tachikoma/generation.hpp"

using namespace tachikoma;

namespace {

enum class Unit { celsius, fahrenheit };
TACHIKOMA_ENUM(Unit, celsius, fahrenheit);

struct Place {
  std::string city;
  std::optional<std::string> country;
};
TACHIKOMA_FIELDS((Place, "A place, as people name it"), (city, "In English, without its country"), country);

struct Query {
  Place place;
  int days = 3;
  Unit unit = Unit::fahrenheit;
  bool hourly = false;
  std::vector<Place> others;
};
TACHIKOMA_FIELDS(Query, (place, "Where"), (days, "How many, \"ahead\""), unit, hourly, others);

struct Nothing {};
TACHIKOMA_FIELDS(Nothing);

struct Tree {
  std::string name;
  std::vector<Tree> children;
};
TACHIKOMA_FIELDS(Tree, name, children);

namespace other {
struct Tree {
  std::map<std::string, Tree> by_name;
};
TACHIKOMA_FIELDS(Tree, by_name);
}  // namespace other

struct Forest {
  Tree first;
  other::Tree second;
  std::vector<Tree> rest;
};
TACHIKOMA_FIELDS(Forest, first, second, rest);

struct Outer {
  enum Level { low, high };
  struct Inner {
    Level level;
  };
  Inner inner;
};
TACHIKOMA_ENUM(Outer::Level, low, high);
TACHIKOMA_FIELDS(Outer::Inner, level);
TACHIKOMA_FIELDS(Outer, inner);

class Counted {
 public:
  Counted() : made_(1) {}
  int made() const { return made_; }
  std::string name;

 private:
  int made_;
};
TACHIKOMA_FIELDS(Counted, name);

struct Wide {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9;
  int c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9;
};
TACHIKOMA_FIELDS(Wide, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1,
                 c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9);

template <class T>
std::string schema_text() {
  return base::to_json(json_schema<T>());
}

template <class T>
Result<T> read(const char* json) {
  return from_value<T>(base::parse_json(json).value());
}

// "message @pointer" of what does not fit
template <class T>
std::string fault(const char* json) {
  const Result<T> result = read<T>(json);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::schema_violation);
  return result.error().message + " @" + std::string(result.error().detail["pointer"].as_string());
}

}  // namespace

TEST_CASE("the schema of a simple type is what JSON calls it", "[fields]") {
  CHECK(schema_text<bool>() == R"({"type":"boolean"})");
  CHECK(schema_text<double>() == R"({"type":"number"})");
  CHECK(schema_text<std::string>() == R"({"type":"string"})");
  CHECK(schema_text<Value>() == "{}");
  CHECK(schema_text<Unit>() == R"({"type":"string","enum":["celsius","fahrenheit"]})");
}

TEST_CASE("an integer's schema has the range of its type where that is narrower than 64 bits", "[fields]") {
  CHECK(schema_text<std::int64_t>() == R"({"type":"integer"})");
  CHECK(schema_text<std::uint64_t>() == R"({"type":"integer","minimum":0})");
  CHECK(schema_text<std::int8_t>() == R"({"type":"integer","minimum":-128,"maximum":127})");
  CHECK(schema_text<unsigned>() == R"({"type":"integer","minimum":0,"maximum":4294967295})");
}

TEST_CASE("lists and maps have the schema of what they hold", "[fields]") {
  CHECK(schema_text<std::vector<bool>>() == R"({"type":"array","items":{"type":"boolean"}})");
  CHECK(schema_text<std::array<double, 2>>() ==
        R"({"type":"array","items":{"type":"number"},"minItems":2,"maxItems":2})");
  CHECK(schema_text<std::map<std::string, std::string>>() ==
        R"({"type":"object","additionalProperties":{"type":"string"}})");
  CHECK(schema_text<std::vector<std::optional<bool>>>() ==
        R"({"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"null"}]}})");
}

TEST_CASE("a struct's schema has its members in order, what they mean, and which may be left out",
          "[fields]") {
  CHECK(base::to_json(json_schema<Query>(), 2) == R"({
  "type": "object",
  "properties": {
    "place": {
      "type": "object",
      "properties": {
        "city": {
          "type": "string",
          "description": "In English, without its country"
        },
        "country": {
          "type": "string"
        }
      },
      "required": [
        "city"
      ],
      "additionalProperties": false,
      "description": "Where"
    },
    "days": {
      "type": "integer",
      "minimum": -2147483648,
      "maximum": 2147483647,
      "default": 3,
      "description": "How many, \"ahead\""
    },
    "unit": {
      "type": "string",
      "enum": [
        "celsius",
        "fahrenheit"
      ],
      "default": "fahrenheit"
    },
    "hourly": {
      "type": "boolean"
    },
    "others": {
      "type": "array",
      "items": {
        "type": "object",
        "properties": {
          "city": {
            "type": "string",
            "description": "In English, without its country"
          },
          "country": {
            "type": "string"
          }
        },
        "required": [
          "city"
        ],
        "additionalProperties": false,
        "description": "A place, as people name it"
      }
    }
  },
  "required": [
    "place",
    "hourly",
    "others"
  ],
  "additionalProperties": false
})");
  CHECK(schema_text<Nothing>() == R"({"type":"object","properties":{},"additionalProperties":false})");
}

TEST_CASE("a type that contains itself is referred to by name", "[fields]") {
  CHECK(
      schema_text<Tree>() ==
      R"({"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/definitions/Tree"}}},"required":["name","children"],"additionalProperties":false,)"
      R"("definitions":{"Tree":{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/definitions/Tree"}}},"required":["name","children"],"additionalProperties":false}}})");
}

TEST_CASE("two types of one name that contain themselves have two definitions", "[fields]") {
  const Value schema = json_schema<Forest>();
  const Value& definitions = schema["definitions"];
  REQUIRE(definitions.members().size() == 2);
  CHECK(definitions["Tree"]["properties"]["children"]["items"]["$ref"].as_string() == "#/definitions/Tree");
  CHECK(definitions["Tree_2"]["properties"]["by_name"]["additionalProperties"]["$ref"].as_string() ==
        "#/definitions/Tree_2");
}

TEST_CASE("a value is read into a type and written back", "[fields]") {
  const char* json =
      R"({"place":{"city":"Rome","country":"Italy"},"days":7,"unit":"celsius","hourly":true,"others":[{"city":"Oslo"}]})";
  const Query query = read<Query>(json).value();
  CHECK(query.place.country == "Italy");
  CHECK(query.unit == Unit::celsius);
  CHECK(query.others.at(0).city == "Oslo");
  CHECK(base::to_json(to_value(query)) == json);

  const char* forest =
      R"({"first":{"name":"a","children":[{"name":"b","children":[]}]},"second":{"by_name":{"x":{"by_name":{}}}},"rest":[]})";
  CHECK(base::to_json(to_value(read<Forest>(forest).value())) == forest);
  CHECK(read<Outer>(R"({"inner":{"level":"high"}})")->inner.level == Outer::high);
  CHECK(read<std::vector<bool>>("[true,false]").value() == std::vector<bool>{true, false});
  CHECK(read<std::array<float, 2>>("[1,2.5]").value() == std::array<float, 2>{1, 2.5F});
  CHECK(read<Counted>(R"({"name":"x"})")->made() == 1);
}

TEST_CASE("what is left out has its initializer, or is nothing", "[fields]") {
  const Query query = read<Query>(R"({"place":{"city":"Rome"},"hourly":false,"others":[]})").value();
  CHECK(query.days == 3);
  CHECK(query.unit == Unit::fahrenheit);
  CHECK_FALSE(query.place.country);
  CHECK_FALSE(read<Place>(R"({"city":"Rome","country":null})")->country);
  CHECK(read<std::vector<std::optional<int>>>("[1,null]")->size() == 2);
}

TEST_CASE("a whole real number is an integer, where it can say which", "[fields]") {
  CHECK(read<int>("3.0").value() == 3);
  CHECK(read<std::int64_t>("-9007199254740992.0").value() == -9007199254740992);
  CHECK(fault<std::int64_t>("1e30") == "the value is 1e+30, expected an integer @");
  CHECK(fault<int>("3.5").find("is 3.5, expected an integer") != std::string::npos);
  CHECK(fault<std::uint8_t>("256") == "the value is 256, expected an integer from 0 to 255 @");
  CHECK(fault<std::uint64_t>("-1") == "the value is -1, expected an integer from 0 @");
  CHECK(read<std::int64_t>("9223372036854775807").value() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("what does not fit is named with its place, what was found and what is expected", "[fields]") {
  CHECK(fault<Query>("[]") == "the value is an array, expected an object @");
  CHECK(fault<Query>(R"({"place":{}})") == "'/place/city' is missing @/place/city");
  CHECK(fault<Query>(R"({"place":{"city":"a"},"days":"three"})") ==
        "'/days' is \"three\", expected an integer from -2147483648 to 2147483647 @/days");
  CHECK(fault<Query>(R"({"place":{"city":"a"},"unit":"kelvin"})") ==
        R"('/unit' is "kelvin", expected one of "celsius", "fahrenheit" @/unit)");
  CHECK(fault<Query>(R"({"place":{"city":"a"},"hourly":0})") ==
        "'/hourly' is 0, expected true or false @/hourly");
  CHECK(fault<Query>(R"({"place":{"city":"a"},"hourly":true,"others":[{"city":"b"},{"city":null}]})") ==
        "'/others/1/city' is null, expected a string @/others/1/city");
  CHECK(fault<Place>(R"({"town":"a"})") == "'/town' is not one of 'city', 'country' @/town");
  CHECK(fault<Nothing>(R"({"a/b~c":1})") == "'/a~1b~0c' is not expected here @/a~1b~0c");
  CHECK(fault<std::array<double, 2>>("[1]") == "the value has 1 elements, expected 2 @");
  CHECK(fault<std::map<std::string, double>>(R"({"x":true})") == "'/x' is true, expected a number @/x");
  CHECK(fault<float>("1e300") == "the value is 1e+300, expected a smaller number @");
}

TEST_CASE("an error says little about much, and cuts between characters", "[fields]") {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "€";
  const Result<bool> as_value = from_value<bool>(text);
  REQUIRE_FALSE(as_value);
  CHECK(as_value.error().message.size() < 150);
  CHECK(as_value.error().message.find("€…\"") != std::string::npos);
  const Result<Nothing> as_name = from_value<Nothing>(Value::object({{text, 1}}));
  REQUIRE_FALSE(as_name);
  CHECK(as_name.error().message.size() < 250);
}

TEST_CASE("a struct may have forty members", "[fields]") {
  Wide wide{};
  wide.a0 = 1;
  wide.d9 = 2;
  const Value written = to_value(wide);
  CHECK(written.members().size() == 40);
  CHECK(from_value<Wide>(written)->d9 == 2);
}

TEST_CASE("writing a described type and one of ours is not ambiguous", "[fields]") {
  CHECK(to_value(Usage{.prompt_tokens = 1})["prompt_tokens"].as_integer() == 1);
  CHECK(to_value(Unit::celsius).as_string() == "celsius");
  CHECK(to_value(static_cast<Unit>(7)).is_null());
  CHECK(to_value(std::numeric_limits<std::uint64_t>::max()) == Value(18446744073709551615.0));
}
