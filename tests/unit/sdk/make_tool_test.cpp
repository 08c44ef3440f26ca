// SPDX-License-Identifier: MIT
#include "tachikoma/plugin/sdk/make_tool.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "async/cancellation.hpp"
#include "base/json.hpp"
#include "support/catch.hpp"
#include "tachikoma/tool_functions.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Point {
  double x;
  double y;
};
TACHIKOMA_FIELDS(Point, x, y);

struct List {
  std::vector<List> inner;
};
TACHIKOMA_FIELDS(List, inner);

std::string greet(std::string_view name) noexcept { return "Hello, " + std::string(name); }

struct Counter {
  int count = 0;
  int add(int n) { return count += n; }
  int current() const noexcept { return count; }
};

Result<Value> call(Tool& tool, const char* arguments = "{}") {
  CallCancellation cancellation;
  return tool.call(base::parse_json(arguments).value(), {cancellation, "request-7"});
}

template <class F>
std::string result_of(F function, std::vector<Param> params = {}, const char* arguments = "{}") {
  const auto tool = make_tool("t", "", std::move(params), std::move(function));
  return base::to_json(call(*tool, arguments).value());
}

template <class F>
Error error_of(F function, std::vector<Param> params = {}, const char* arguments = "{}") {
  const auto tool = make_tool("t", "", std::move(params), std::move(function));
  Result<Value> result = call(*tool, arguments);
  REQUIRE_FALSE(result);
  return std::move(result).error();
}

template <class F>
std::string refusal_of(F function, std::vector<Param> params) {
  try {
    make_tool("t", "", std::move(params), std::move(function));
  } catch (const InvalidArgument& refused) {
    return refused.error().message;
  }
  return "";
}

}  // namespace

TEST_CASE("a function's signature and its parameters' names make a tool's schema", "[make_tool]") {
  const auto tool =
      make_tool("forecast", "The weather to come",
                {param("at", "Where"), param("days", "How many", 3), param("language"), param("tags")},
                [](const Point&, int, std::optional<std::string>, const std::vector<std::string>&) {});
  const ToolSpec spec = tool->spec();
  CHECK(spec.name == "forecast");
  CHECK(spec.description == "The weather to come");
  CHECK(
      base::to_json(spec.parameters) ==
      R"({"type":"object","properties":{)"
      R"("at":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}},"required":["x","y"],"additionalProperties":false,"description":"Where"},)"
      R"("days":{"type":"integer","minimum":-2147483648,"maximum":2147483647,"default":3,"description":"How many"},)"
      R"("language":{"type":"string"},)"
      R"("tags":{"type":"array","items":{"type":"string"}}},)"
      R"("required":["at","tags"],"additionalProperties":false})");
}

TEST_CASE("a parameter may be of a type that contains itself", "[make_tool]") {
  const auto tool = make_tool("t", "", {param("list")}, [](List list) { return list.inner.size(); });
  const Value parameters = tool->spec().parameters;
  CHECK(parameters["properties"]["list"]["properties"]["inner"]["items"]["$ref"].as_string() ==
        "#/definitions/List");
  CHECK(parameters["definitions"].find("List"));
  CHECK(call(*tool, R"({"list":{"inner":[{"inner":[]}]}})")->as_integer() == 1);
}

TEST_CASE("functions, pointers, lambdas, std::function and member functions are tools", "[make_tool]") {
  const std::vector<Param> name = {param("name")};
  const char* argument = R"({"name":"Ada"})";
  CHECK(result_of(greet, name, argument) == R"("Hello, Ada")");
  CHECK(result_of(&greet, name, argument) == R"("Hello, Ada")");
  CHECK(result_of(std::function<std::string(std::string)>(greet), name, argument) == R"("Hello, Ada")");
  CHECK(result_of([greeting = std::string("Hi ")](const std::string& who) { return greeting + who; }, name,
                  argument) == R"("Hi Ada")");
  CHECK(result_of([](std::string&& who) { return std::move(who); }, name, argument) == R"("Ada")");
}

TEST_CASE("a member function is called on its object, whoever owns it", "[make_tool]") {
  Counter counter{.count = 5};
  const auto shared = std::make_shared<Counter>(counter);
  ToolKit kit;
  kit.add("add", "", {param("n")}, &counter, &Counter::add)
      .add("shared_add", "", {param("n")}, shared, &Counter::add)
      .add("copied", "", {}, counter, &Counter::current);
  const auto& entries = kit.entries();
  REQUIRE(entries.size() == 3);
  CHECK(call(*entries[0].tool, R"({"n":2})")->as_integer() == 7);
  CHECK(counter.count == 7);
  CHECK(call(*entries[1].tool, R"({"n":1})")->as_integer() == 6);
  CHECK(shared->count == 6);
  CHECK(call(*entries[2].tool)->as_integer() == 5);
}

TEST_CASE("what a function returns is the tool's result", "[make_tool]") {
  CHECK(result_of([] { return "literal"; }) == R"("literal")");
  CHECK(result_of([] { return 3; }) == "3");
  CHECK(result_of([] { return Point{1, 2}; }) == R"({"x":1.0,"y":2.0})");
  CHECK(result_of([] { return std::optional<int>(); }) == "null");
  CHECK(result_of([] { return Value::object({{"a", 1}}); }) == R"({"a":1})");
  CHECK(result_of([]() -> Result<std::string> { return std::string("fine"); }) == R"("fine")");
}

TEST_CASE("a function that returns nothing tells the model that it is done", "[make_tool]") {
  CHECK(result_of([] {}) == R"("done")");
  CHECK(result_of([]() -> Status { return Done{}; }) == R"("done")");
}

TEST_CASE("a function's error is the tool's, and its exception is tool_failed with the tool's name",
          "[make_tool]") {
  const Error given = error_of([]() -> Status { return Error(ErrorCode::unreachable, "no server"); });
  CHECK(given.code == ErrorCode::unreachable);
  CHECK(given.message == "no server");
  const Error thrown = error_of([]() -> int { throw std::runtime_error("the disk is full"); });
  CHECK(thrown.code == ErrorCode::tool_failed);
  CHECK(thrown.message == "tool 't' failed: the disk is full");
  CHECK(error_of([]() -> int { throw 7; }).message ==
        "tool 't' failed: it threw an exception of an unknown type");
  CHECK(error_of(std::function<int()>()).code == ErrorCode::tool_failed);
  const std::string huge(100'000, 'x');
  CHECK(error_of([huge]() -> int { throw std::runtime_error(huge); }).message.size() < 1100);
}

TEST_CASE("the last parameter may be the context of the call", "[make_tool]") {
  const auto id = [](int n, const CallContext& context) {
    return std::to_string(n) + ":" + std::string(context.request_id);
  };
  const auto tool = make_tool("t", "", {param("n")}, id);
  CHECK(tool->spec().parameters["properties"].members().size() == 1);
  CHECK(call(*tool, R"({"n":1})")->as_string() == "1:request-7");
  CHECK(result_of([](const CallContext& context) { return context.request_id; }) == R"("request-7")");
}

TEST_CASE("a parameter with a fallback may be left out", "[make_tool]") {
  const auto add = [](int a, int b) { return a + b; };
  const std::vector<Param> params = {param("a"), param("b", "", 10)};
  CHECK(result_of(add, params, R"({"a":1})") == "11");
  CHECK(result_of(add, params, R"({"a":1,"b":2})") == "3");
  CHECK(result_of([](std::optional<int> n) { return n.value_or(-1); }, {param("n")}) == "-1");
  CHECK(result_of([](std::optional<int> n) { return n.value_or(-1); }, {param("n", "", 4)}) == "4");
}

TEST_CASE("arguments that do not fit are told apart by name", "[make_tool]") {
  const auto add = [](int a, int b) { return a + b; };
  const std::vector<Param> params = {param("a"), param("b")};
  const Error missing = error_of(add, params, R"({"a":1})");
  CHECK(missing.code == ErrorCode::schema_violation);
  CHECK(missing.message == "'/b' is missing");
  CHECK(missing.detail["pointer"].as_string() == "/b");
  CHECK(error_of(add, params, R"({"a":1,"b":2,"c":3})").message == "'/c' is not one of 'a', 'b'");
  CHECK_THAT(error_of(add, params, R"({"a":1,"b":"2"})").message, StartsWith("'/b' is \"2\", expected"));
  CHECK(error_of(add, params, "[1,2]").message == "the value is an array, expected an object");
}

TEST_CASE("another number of parameters than the function takes is refused, naming both", "[make_tool]") {
  const auto two = [](int, int, const CallContext&) {};
  CHECK(refusal_of(two, {param("a")}) == "tool 't': the function takes 2 parameters, but 1 is described");
  CHECK(refusal_of([](int) {}, {}) == "tool 't': the function takes 1 parameter, but 0 are described");
  CHECK(refusal_of(two, {param("a"), param("b")}) == "");
}

TEST_CASE("parameters without a name, of one name, or with a fallback that does not fit are refused",
          "[make_tool]") {
  const auto two = [](int, int) {};
  CHECK(refusal_of(two, {param("a"), param("a")}) == "tool 't': two parameters are named 'a'");
  CHECK(refusal_of(two, {param("a"), param("")}) == "tool 't': a parameter has no name");
  CHECK_THAT(refusal_of(two, {param("a"), param("b", "", "two")}),
             StartsWith("tool 't': the fallback of 'b' does not fit: the value is \"two\", expected"));
}
