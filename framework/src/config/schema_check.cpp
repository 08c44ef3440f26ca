// SPDX-License-Identifier: MIT
#include "config/schema_check.hpp"

#include <cstddef>

#include "base/members.hpp"
#include "base/try.hpp"
#include "config/complaints.hpp"
#include "config/formats.hpp"
#include "schema/json_schema.hpp"

namespace tachikoma::config {
namespace {

using Violations = std::vector<schema::Violation>;

// An object of settings accepts only the keys that its schema names, unless the schema says otherwise.
void close(Value& schema) {
  for (const char* keyword : {"properties", "$defs"})
    if (Value* inner = schema.find(keyword))
      for (std::size_t i = 0; i < inner->members().size(); ++i) close(base::member_at(*inner, i));
  for (const char* keyword : {"additionalProperties", "items"})
    if (Value* inner = schema.find(keyword)) close(*inner);
  const Value& type = schema["type"];
  const bool has_members = schema.find("properties") || type.is_array() || type.as_string() == "object";
  if (has_members && !schema.find("additionalProperties")) schema.set("additionalProperties", false);
}

Result<Violations> find_violations(const Value& schema, const Value& value) {
  TACHIKOMA_TRY(const schema::JsonSchema compiled, schema::JsonSchema::compile(schema, all_formats()));
  return compiled.violations(value);
}

}  // namespace

Checked check_schema(Node root, Value schema, std::string_view base_folder, Problems& problems) {
  close(schema);
  Checked checked = read_values(root, schema, base_folder, problems);
  const Result<Violations> violations = find_violations(schema, checked.shown);
  if (!violations) problems.add({root.at, {}, violations.error().message, violations.error().hint});
  for (const schema::Violation& each : violations ? *violations : Violations())
    complain(each, root, schema, problems);
  return checked;
}

}  // namespace tachikoma::config
