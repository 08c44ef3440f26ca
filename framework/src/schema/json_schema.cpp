// SPDX-License-Identifier: MIT
#include "schema/json_schema.hpp"

#include <limits>
#include <utility>

#include "schema/canonical.hpp"
#include "schema/compiler.hpp"
#include "schema/validator.hpp"

namespace tachikoma::schema {
namespace {

constexpr int kMaxValueDepth = 128;
constexpr std::size_t kMaxViolations = 16;  // that `validate` tells

Error violation_error(const std::vector<Violation>& violations) {
  Value::Array errors;
  for (const Violation& each : violations)
    errors.push_back(Value::object({{"pointer", each.pointer}, {"message", sentence(each)}}));
  return Error(ErrorCode::schema_violation, sentence(violations.front()), "",
               Value::object({{"pointer", violations.front().pointer}, {"errors", std::move(errors)}}));
}

Error beyond_limits(std::string what) {
  return Error(ErrorCode::schema_violation, "the value " + std::move(what), "",
               Value::object({{"pointer", ""}, {"errors", Value::array()}}));
}

}  // namespace

struct JsonSchema::Compiled {
  Graph graph;
};

JsonSchema::JsonSchema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

Result<JsonSchema> JsonSchema::compile(const Value& schema, const Formats& formats) {
  Result<Graph> graph = Compiler(schema, formats).compile();
  if (!graph) return std::move(graph).error();
  return JsonSchema(std::make_shared<const Compiled>(Compiled{*std::move(graph)}));
}

Status JsonSchema::validate(const Value& value) const {
  const Result<std::vector<Violation>> found = violations(value, kMaxViolations);
  if (!found) return found.error();
  if (!found->empty()) return violation_error(*found);
  return Done{};
}

Result<std::vector<Violation>> JsonSchema::violations(const Value& value) const {
  return violations(value, std::numeric_limits<std::size_t>::max());
}

Result<std::vector<Violation>> JsonSchema::violations(const Value& value, std::size_t most) const {
  if (deeper_than(value, kMaxValueDepth))
    return beyond_limits("is nested more than " + std::to_string(kMaxValueDepth) + " levels deep");
  Validator validator(most);
  std::vector<Violation> found = validator.validate(*compiled_->graph.front(), value);
  if (validator.gave_up()) return beyond_limits("takes too much work to validate by this schema");
  return found;
}

}  // namespace tachikoma::schema
