// SPDX-License-Identifier: MIT
#include <memory>
#include <string>

#include "support/catch.hpp"
#include "tools/tool_runner.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace tachikoma::tools;
using namespace std::chrono_literals;

namespace {

std::string refusal(ToolKit kit, ToolRules rules = {}) {
  Result<ToolRunner> runner = ToolRunner::make(std::move(kit), std::move(rules));
  REQUIRE_FALSE(runner);
  CHECK(runner.error().code == ErrorCode::invalid_argument);
  return runner.error().message;
}

}  // namespace

TEST_CASE("a tool's name has 1 to 64 letters, digits, '_' and '-'", "[tools]") {
  for (const std::string& name :
       {std::string("get-weather"), std::string("_"), std::string("2nd-Try"), std::string(64, 'x')}) {
    CAPTURE(name);
    CHECK(is_tool_name(name));
    CHECK(ToolRunner::make({ToolSpec{.name = name, .description = "", .parameters = {}}}, {}));
  }
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a.b"),
                                  std::string("Stra\u00dfe"), std::string("a\0b", 3)}) {
    CAPTURE(name);
    CHECK_FALSE(is_tool_name(name));
    CHECK_FALSE(ToolRunner::make({ToolSpec{.name = name, .description = "", .parameters = {}}}, {}));
  }
}

TEST_CASE("a kit or rules that can't work are refused before anything is sent", "[tools]") {
  const ToolSpec weather{.name = "get_weather", .description = "", .parameters = {}};
  CHECK(refusal({weather, weather}) == "tool 'get_weather': two tools have this name");
  CHECK_THAT(refusal({ToolSpec{.name = "not a name", .description = "", .parameters = {}}}),
             StartsWith("tool 'not a name': its name has other characters"));
  class BadSchema final : public Tool {
   public:
    ToolSpec spec() override {
      return {.name = "bad", .description = "", .parameters = Value::object({{"type", "nonsense"}})};
    }
    Result<Value> call(const Value&, const CallContext&) override { return Value(); }
  };
  ToolKit bad;
  bad.add(std::make_shared<BadSchema>());
  CHECK_THAT(refusal(bad), StartsWith("tool 'bad': "));
  CHECK(refusal({}, {.max_steps = 0}) == "'tool_rules.max_steps' is 0, expected at least 1");
  CHECK(refusal({}, {.max_parallel = 0}) == "'tool_rules.max_parallel' is 0, expected at least 1");
  CHECK(refusal({}, {.time_limit = -1ms}) == "'tool_rules.time_limit' is -1 ms, expected 0 (never) or more");
}
