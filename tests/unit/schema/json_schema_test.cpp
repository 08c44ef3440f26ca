// SPDX-License-Identifier: MIT
#include "schema/json_schema.hpp"

#include <functional>
#include <random>

#include "base/json.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using schema::JsonSchema;

namespace {

Value json(std::string_view text) { return base::parse_json(text).value(); }

JsonSchema compiled(std::string_view schema) { return JsonSchema::compile(json(schema)).value(); }

// The message of the violation; empty for a value that fits.
std::string complaint(std::string_view schema, std::string_view value) {
  const Status verdict = compiled(schema).validate(json(value));
  if (verdict) return "";
  CHECK(verdict.error().code == ErrorCode::schema_violation);
  return verdict.error().message;
}

// "pointer: message" of a schema that is refused.
std::string refusal_of(const Value& schema) {
  const Result<JsonSchema> result = JsonSchema::compile(schema);
  if (result) return "accepted";
  CHECK(result.error().code == ErrorCode::invalid_argument);
  return result.error().message + " (" + result.error().hint + ")";
}

std::string refusal(std::string_view schema) { return refusal_of(json(schema)); }

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

}  // namespace

TEST_CASE("a violation says what was expected and what is there, in words", "[schema]") {
  CHECK(complaint(R"({"minimum": 1})", "0") == "the value must be at least 1, but is 0");
  CHECK(complaint(R"({"exclusiveMaximum": 1})", "1.0") == "the value must be less than 1, but is 1.0");
  CHECK(complaint(R"({"minimum": 1, "exclusiveMinimum": true})", "1") ==
        "the value must be more than 1, but is 1");
  CHECK(complaint(R"({"multipleOf": 0.01})", "0.075") ==
        "the value must be a multiple of 0.01, but is 0.075");
  CHECK(complaint(R"({"type": ["string", "null"]})", "[]") ==
        "the value must be a string or null, but is an array");
  CHECK(complaint(R"({"enum": ["low", "high", 3]})", R"("medium")") ==
        R"(the value must be one of "low", "high", 3, but is "medium")");
  CHECK(complaint(R"({"const": {"a": 1}})", "true") == R"(the value must be {"a":1}, but is true)");
  CHECK(complaint(R"({"minLength": 2})", R"("é")") == "the value must have at least 2 characters, but has 1");
  CHECK(complaint(R"({"pattern": "^[a-z]+$"})", R"("a1")") ==
        R"(the value must match the pattern '^[a-z]+$', but is "a1")");
  CHECK(complaint(R"({"maxItems": 1})", "[1, 2]") == "the value must have at most 1 item, but has 2");
  CHECK(complaint(R"({"uniqueItems": true})", R"([{"a": 1, "b": 2}, 0, {"b": 2.0, "a": 1}])") ==
        "the value must not repeat an item, but has the same at 0 and 2");
  CHECK(complaint(R"({"required": ["a", "b", "c"]})", R"({"b": 1})") ==
        "the value must have the members 'a', 'c'");
  CHECK(complaint(R"({"properties": {"name": {}, "age": {}}, "additionalProperties": false})",
                  R"({"nmae": 1})") == "'/nmae' must not be there; allowed is 'age' or 'name'");
  CHECK(complaint(R"({"dependencies": {"card": ["address"]}})", R"({"card": 1})") ==
        "the value must have the member 'address', because it has 'card'");
  CHECK(complaint(R"({"propertyNames": {"maxLength": 2}})", R"({"abc": 1})") ==
        "'/abc' must have another name: it must have at most 2 characters, but has 3");
  CHECK(complaint(R"({"contains": {"type": "null"}})", "[1]") ==
        "the value must have an item that fits the schema at '/contains'");
  CHECK(complaint(R"({"not": {"type": "null"}})", "null") == "the value must not fit the schema at '/not'");
  CHECK(complaint(R"({"oneOf": [{"type": "integer"}, {"minimum": 2}]})", "3") ==
        "the value must fit exactly one of 2 alternatives, but fits 2");
  CHECK(complaint(R"({"if": {"type": "string"}, "then": {"minLength": 1}})", R"("")") ==
        "the value must have at least 1 character, but has 0");
}

TEST_CASE("only the ends of a violation are told, each with its place", "[schema]") {
  const JsonSchema schema = compiled(R"({
    "type": "object", "required": ["days"],
    "properties": {"days": {"type": "integer", "minimum": 1},
                   "a/b": {"items": {"properties": {"~": {"type": "string"}}}}}})");
  const Error error = schema.validate(json(R"({"days": 0, "a/b": [{"~": "fine"}, {"~": 7}]})")).error();
  CHECK(error.message == "'/days' must be at least 1, but is 0");
  CHECK(error.detail["pointer"].as_string() == "/days");
  REQUIRE(error.detail["errors"].elements().size() == 2);
  CHECK(error.detail["errors"].elements()[1] ==
        json(R"({"pointer": "/a~1b/1/~0", "message": "'/a~1b/1/~0' must be a string, but is 7"})"));
}

TEST_CASE("the list of violations is bounded", "[schema]") {
  const JsonSchema schema = compiled(R"({"items": {"type": "string"}})");
  const Error error = schema.validate(Value::Array(1000, Value(1))).error();
  CHECK(error.detail["errors"].elements().size() == 16);
}

TEST_CASE("each violation has its place, its schema and its keyword, and none is left out", "[schema]") {
  const JsonSchema schema = compiled(R"({
    "properties": {"a": {"items": {"$ref": "#/$defs/small"}}}, "required": ["b", "c"],
    "additionalProperties": false, "propertyNames": {"maxLength": 1}, "$defs": {"small": {"maximum": 1}}})");
  std::string found;
  for (const schema::Violation& each : schema.violations(json(R"({"a": [1, 2], "dd": 0})")).value()) {
    found.append(each.pointer + " " + each.schema + " ").append(each.fault.keyword);
    for (const std::string& name : each.fault.names) found += " " + name;
    found += "\n";
  }
  CHECK(found ==
        "  required b c\n"
        "/a/1 /$defs/small maximum\n"
        "/dd /propertyNames propertyNames\n"
        "/dd  additionalProperties\n");
  CHECK(
      compiled(R"({"items": {"type": "string"}})").violations(Value::Array(1000, Value(1))).value().size() ==
      1000);
  const auto keyword = [](std::string_view one, std::string_view value) {
    return compiled(one).violations(json(value)).value().at(0).fault.keyword;
  };
  CHECK(keyword(R"({"anyOf": [{"const": 1}, {"const": 2}]})", "3") == "anyOf");
  CHECK(keyword(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})") == "dependencies");
  CHECK(keyword(R"({"properties": {"a": false}})", R"({"a": 1})").empty());
}

TEST_CASE("a format that is given is checked, and limits judge what the text stands for", "[schema]") {
  const schema::Formats formats = {{"dozens", [](std::string_view text) -> schema::FormatReading {
                                      if (text == "one dozen") return {12};
                                      return {{}, "a number of dozens, in words"};
                                    }}};
  const auto complaint_of = [&](std::string_view schema, std::string_view value) {
    const Status verdict = JsonSchema::compile(json(schema), formats).value().validate(json(value));
    return verdict ? "" : verdict.error().message;
  };
  CHECK(complaint_of(R"({"type": "string", "format": "dozens"})", R"("one dozen")") == "");
  CHECK(complaint_of(R"({"type": "integer", "format": "dozens", "minimum": 12})", R"("one dozen")") == "");
  CHECK(complaint_of(R"({"type": "integer", "format": "dozens"})", "12") == "");
  CHECK(complaint_of(R"({"format": "dozens", "minLength": 100})", R"("two")") ==
        R"(the value must be a number of dozens, in words, but is "two")");
  CHECK(complaint_of(R"({"format": "dozens", "maximum": 11})", R"("one dozen")") ==
        "the value must be at most 11, but is 12");
  CHECK(complaint_of(R"({"type": "boolean", "format": "dozens"})", R"("one dozen")") ==
        R"(the value must be true or false, but is "one dozen")");
  CHECK(JsonSchema::compile(json(R"({"format": "scores"})"), formats).error().message ==
        R"(the schema can't be used: at '/format' must be one of the formats 'dozens', but is "scores")");
}

TEST_CASE("where no alternative fits, the one that was meant is explained", "[schema]") {
  constexpr const char* kShape = R"({"anyOf": [
    {"type": "null"},
    {"type": "object", "properties": {"kind": {"const": "circle"}, "radius": {"minimum": 0}},
     "required": ["kind", "radius"]},
    {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"minimum": 0}},
     "required": ["kind", "side"]}]})";
  CHECK(complaint(kShape, R"({"kind": "square", "side": -1})") == "'/side' must be at least 0, but is -1");
  CHECK(complaint(kShape, "3") == "the value must be an object or null, but is 3");
  CHECK(complaint(R"({"anyOf": [{"const": "a"}, {"const": "b"}]})", R"("c")") ==
        R"(the value must be "a" or must be "b", but is "c")");
}

TEST_CASE("a number without a fraction is an integer, and equal however it is written", "[schema]") {
  CHECK(complaint(R"({"type": "integer"})", "1.0") == "");
  CHECK(complaint(R"({"type": "integer"})", "1.5") == "the value must be an integer, but is 1.5");
  CHECK(complaint(R"({"enum": [1]})", "1.0") == "");
  CHECK(complaint(R"({"minimum": 9007199254740993})", "9007199254740992") != "");
  CHECK(complaint(R"({"multipleOf": 0.0001})", "0.0075") == "");
}

TEST_CASE("a recursive schema validates as deep as the value goes", "[schema]") {
  constexpr const char* kTree = R"({
    "$ref": "#/$defs/node",
    "$defs": {"node": {"type": "object", "required": ["name"], "additionalProperties": false,
      "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}})";
  CHECK(complaint(kTree, R"({"name": "a", "children": [{"name": "b", "children": []}]})") == "");
  CHECK(complaint(kTree, R"({"name": "a", "children": [{"name": "b", "children": [{}]}]})") ==
        "'/children/0/children/0' must have the member 'name'");
}

TEST_CASE("what only describes is accepted", "[schema]") {
  CHECK(
      complaint(R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": "c", "title": "t",
    "description": "d", "default": 1, "examples": [1], "readOnly": true, "deprecated": true, "x-order": 3,
    "format": "date", "$id": "https://example.com/s"})",
                R"("no date")") == "");
}

TEST_CASE("a keyword that can't be honoured is refused, with what to write instead", "[schema]") {
  CHECK(refusal(R"({"properties": {"a": {"tpye": "string"}}})") ==
        "the schema can't be used: at '/properties/a/tpye' 'tpye' is no keyword of JSON Schema up to draft 7 "
        "(did you mean 'type'?)");
  CHECK(refusal(R"({"unevaluatedProperties": false})") ==
        "the schema can't be used: at '/unevaluatedProperties' 'unevaluatedProperties' is not supported "
        "(use 'additionalProperties')");
  for (const char* later : {"$dynamicRef", "prefixItems", "dependentRequired", "minContains", "nullable"})
    CHECK_THAT(refusal_of(Value::object({{later, Value::array()}})), ContainsSubstring("is not supported"));
  CHECK_THAT(refusal(R"({"$schema": "https://example.com/mine"})"), ContainsSubstring("is unknown"));
  CHECK_THAT(refusal(R"({"$defs": {"a": {}}, "items": {"$ref": "#/$defs/a", "maxItems": 2}})"),
             ContainsSubstring("'maxItems' beside '$ref' counts in some drafts only"));
}

TEST_CASE("what is no schema is refused, with its place", "[schema]") {
  CHECK(refusal("[]") ==
        "the schema can't be used: at '/' must be a schema: an object, true or false, but is an array ()");
  CHECK_THAT(refusal(R"({"properties": {"a": 1}})"),
             ContainsSubstring("at '/properties/a' must be a schema"));
  CHECK_THAT(refusal(R"({"type": "sting"})"), ContainsSubstring("at '/type' must be 'object', 'array'"));
  CHECK_THAT(refusal(R"({"minLength": -1})"),
             ContainsSubstring("an integer that is not negative, but is -1"));
  CHECK_THAT(refusal(R"({"multipleOf": 0})"), ContainsSubstring("a number above 0"));
  CHECK_THAT(refusal(R"({"required": "a"})"), ContainsSubstring("an array of strings"));
  CHECK_THAT(refusal(R"({"required": ["a", 1]})"), ContainsSubstring("an array of strings"));
  CHECK_THAT(refusal(R"({"enum": {}})"), ContainsSubstring("an array of values, but is an object"));
  for (const char* empty : {R"({"anyOf": []})", R"({"allOf": {}})", R"({"type": []})", R"({"enum": []})"})
    CHECK_THAT(refusal(empty), ContainsSubstring("must be a"));
  CHECK_THAT(refusal(R"({"$ref": 1})"), ContainsSubstring("at '/$ref' must be a string"));
  CHECK_THAT(refusal(R"({"pattern": "("})"), ContainsSubstring("the pattern '(' can't be used"));
}

TEST_CASE("a reference out of the schema, or to nothing, is refused by name", "[schema]") {
  CHECK_THAT(
      refusal(R"({"$ref": "https://example.com/other.json"})"),
      ContainsSubstring("'https://example.com/other.json' can't be followed: it is not in this schema"));
  CHECK_THAT(refusal(R"({"$ref": "#/$defs/none"})"), ContainsSubstring("nothing is there"));
  CHECK_THAT(refusal(R"({"items": {"$ref": "#name"}})"), ContainsSubstring("no '$id' of that name"));
}

TEST_CASE("references that never step into the value are refused", "[schema]") {
  for (const char* loop :
       {R"({"$ref": "#"})", R"({"allOf": [{"$ref": "#"}]})", R"({"not": {"$ref": "#"}})",
        R"({"if": {"$ref": "#"}})", R"({"dependencies": {"a": {"$ref": "#"}}})",
        R"({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}})",
        R"({"$defs": {"unused": {"anyOf": [{"$ref": "#/$defs/unused"}]}}})"})
    CHECK_THAT(refusal(loop), ContainsSubstring("comes back to itself"));
}

TEST_CASE("patterns cost linear time, and what would not is refused", "[schema]") {
  const Value long_text(repeated("a", 1'000'000) + "!");
  for (const char* pattern : {"^(a+)+$", "^(a|a)*$", "^(a|b)*$", "^a*a*a*a*a*a*$"}) {
    const JsonSchema schema = JsonSchema::compile(Value::object({{"pattern", pattern}})).value();
    CHECK(!schema.validate(long_text));
  }
  const JsonSchema names =
      compiled(R"({"patternProperties": {"^(a+)+$": {"type": "null"}}, "additionalProperties": false})");
  CHECK(!names.validate(Value::object({{repeated("a", 200'000) + "!", nullptr}})));
  CHECK(names.validate(Value::object({{repeated("a", 200'000), nullptr}})));
  for (const char* pattern :
       {"(?=a)b", "(a)\\1", "(?<!a)b", "\\Aa", "a{1,100000}", "((a{1,500}){1,500}){1,500}"})
    CHECK_THAT(refusal_of(Value::object({{"pattern", pattern}})), ContainsSubstring("can't be used"));
  CHECK_THAT(refusal_of(Value::object({{"pattern", repeated("a", 5000)}})),
             ContainsSubstring("longer than 4096"));
}

TEST_CASE("patterns are those of ECMA 262", "[schema]") {
  CHECK(complaint(R"({"pattern": "^\\u0041\\cJ\\d\\/$"})", R"("A\n1/")") == "");
  CHECK(complaint(R"({"pattern": "^a$"})", R"("a\n")") != "");
  CHECK(complaint(R"({"pattern": "^\\p{Lu}.$"})", R"("Üé")") == "");
}

TEST_CASE("a schema too deep or too large is refused, not walked to its end", "[schema]") {
  Value deep = Value::object();
  for (int i = 0; i < 5000; ++i) {
    Value around = Value::object();
    around.set("not", std::move(deep));
    deep = std::move(around);
  }
  CHECK_THAT(refusal_of(deep), ContainsSubstring("nested more than 64 levels deep"));
  Value::Object many;
  for (int i = 0; i < 20'000; ++i) many.push_back({std::to_string(i), Value::object()});
  CHECK_THAT(refusal_of(Value::object({{"properties", std::move(many)}})),
             ContainsSubstring("one schema too many"));
}

TEST_CASE("a value too deep is a violation, not a crash", "[schema]") {
  Value deep = Value::array();
  for (int i = 0; i < 5000; ++i) {
    Value around = Value::array();
    around.push_back(std::move(deep));
    deep = std::move(around);
  }
  const Status verdict = compiled(R"({"items": {"$ref": "#"}})").validate(deep);
  REQUIRE(!verdict);
  CHECK(verdict.error().message == "the value is nested more than 128 levels deep");
}

TEST_CASE("alternatives that multiply are given up, not tried for ever", "[schema]") {
  Value definitions = Value::object({{"l0", json(R"({"type": "null"})")}});
  for (int i = 1; i < 60; ++i) {
    const Value below = Value::object({{"$ref", "#/$defs/l" + std::to_string(i - 1)}});
    definitions.set("l" + std::to_string(i), Value::object({{"anyOf", Value::array({below, below})}}));
  }
  const JsonSchema schema =
      JsonSchema::compile(Value::object({{"$ref", "#/$defs/l59"}, {"$defs", definitions}})).value();
  const Status verdict = schema.validate(1);
  REQUIRE(!verdict);
  CHECK(verdict.error().message == "the value takes too much work to validate by this schema");
}

TEST_CASE("large arrays are compared for repetition in one pass", "[schema]") {
  Value::Array many;
  for (int i = 0; i < 50'000; ++i) many.push_back(i);
  const JsonSchema schema = compiled(R"({"uniqueItems": true, "items": {"type": "integer"}})");
  CHECK(schema.validate(Value(many)));
  many.push_back(7);
  CHECK(!schema.validate(Value(std::move(many))));
}

TEST_CASE("whatever a schema or a value looks like, there is a verdict", "[schema]") {
  const std::vector<std::string> words = {
      "type",    "$ref",  "#",      "properties",   "items",     "anyOf",   "not",
      "$defs",   "a",     "object", "minimum",      "enum",      "if",      "then",
      "pattern", "(a*)*", "$id",    "dependencies", "#/$defs/a", "required"};
  std::mt19937 random(7);
  const auto pick = [&](std::size_t count) { return random() % count; };
  const std::function<Value(int)> any = [&](int depth) -> Value {
    switch (pick(depth > 0 ? 9 : 5)) {
      case 0: return nullptr;
      case 1: return pick(2) == 0;
      case 2: return static_cast<int>(pick(5)) - 1;
      case 3: return 0.5;
      case 4: return words[pick(words.size())];
      case 5: return Value::array({any(depth - 1), any(depth - 1)});
      default: {
        Value object = Value::object();
        for (std::size_t i = pick(4); i > 0; --i) object.set(words[pick(words.size())], any(depth - 1));
        return object;
      }
    }
  };
  std::size_t usable = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Result<JsonSchema> schema = JsonSchema::compile(any(4));
    if (!schema) continue;
    ++usable;
    const Status verdict = schema->validate(any(4));
    if (!verdict) REQUIRE(!verdict.error().message.empty());
  }
  CHECK(usable > 100);
}
