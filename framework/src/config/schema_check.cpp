// SPDX-License-Identifier: MIT
#include "config/schema_check.hpp"

#include <utility>

#include "config/complaints.hpp"
#include "config/formats.hpp"
#include "schema/json_schema.hpp"

namespace tachikoma::config {
namespace {

using Violations = std::vector<schema::Violation>;

Value closed(Value schema);

Value each_closed(Value::Object schemas) {
  for (Member& member : schemas) member.value = closed(std::move(member.value));
  return schemas;
}

// An object of settings takes no keys that its schema does not name, unless that says so.
Value closed(Value schema) {
  for (const char* keyword : {"properties", "$defs"})
    if (Value* inner = schema.find(keyword)) *inner = each_closed(inner->members());
  for (const char* keyword : {"additionalProperties", "items"})
    if (Value* inner = schema.find(keyword)) *inner = closed(std::move(*inner));
  const Value& type = schema["type"];
  const bool has_members = schema.find("properties") || type.is_array() || type.as_string() == "object";
  if (has_members && !schema.find("additionalProperties")) schema.set("additionalProperties", false);
  return schema;
}

Result<Violations> find_violations(const Value& schema, const Value& value) {
  const Result<schema::JsonSchema> compiled = schema::JsonSchema::compile(schema, all_formats());
  if (!compiled) return compiled.error();
  return compiled->violations(value);
}

}  // namespace

Checked check_schema(Node root, const Value& open_schema, std::string_view base_folder, Problems& problems) {
  const Value schema = closed(open_schema);
  Checked checked = read_values(root, schema, base_folder, problems);
  const Result<Violations> violations = find_violations(schema, checked.shown);
  if (!violations) problems.add({root.at, {}, violations.error().message, violations.error().hint});
  for (const schema::Violation& each : violations ? *violations : Violations())
    complain(each, root, schema, problems);
  return checked;
}

}  // namespace tachikoma::config
