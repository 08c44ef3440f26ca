// SPDX-License-Identifier: MIT
#include "tools/arguments.hpp"

#include <algorithm>
#include <string>

#include "base/json.hpp"
#include "base/try.hpp"
#include "tools/json_fault.hpp"

namespace tachikoma::tools {
namespace {

Result<Value> parse(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Value::object();
  Result<Value> parsed = base::parse_json(text);
  if (parsed) return parsed;
  const std::string fault = json_fault(text);
  return Error(ErrorCode::schema_violation,
               "the arguments are not valid JSON: " + (fault.empty() ? parsed.error().message : fault));
}

Result<Value> parse_object(std::string_view text) {
  Result<Value> parsed = parse(text);
  if (parsed && parsed->is_string()) parsed = parse(std::string(parsed->as_string()));
  if (!parsed || parsed->is_object()) return parsed;
  if (parsed->is_null()) return Value::object();
  return Error(ErrorCode::schema_violation,
               R"(the arguments are not a JSON object; expected one such as {"name": "value"})");
}

Value without_optional_nulls(const Value& arguments, const Value& parameters) {
  const Value::Array& required = parameters["required"].elements();
  Value::Object kept = arguments.members();
  std::erase_if(kept, [&](const Member& member) {
    return member.value.is_null() &&
           std::find(required.begin(), required.end(), Value(member.key)) == required.end();
  });
  return kept;
}

}  // namespace

Result<Value> read_arguments(std::string_view text, const schema::JsonSchema& schema,
                             const Value& parameters) {
  TACHIKOMA_TRY(Value arguments, parse_object(text));
  Status fits = schema.validate(arguments);
  if (fits) return arguments;
  Value less = without_optional_nulls(arguments, parameters);
  if (less != arguments && schema.validate(less)) return less;
  return std::move(fits).error();
}

}  // namespace tachikoma::tools
