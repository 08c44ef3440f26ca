// SPDX-License-Identifier: MIT
#include "config/scalar_check.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/nearest.hpp"
#include "config/formats.hpp"
#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

using Number = NumberText::Kind;

constexpr std::string_view kGpuLayers = "gpu-layers";

bool is_core_bool(std::string_view text) {
  return parse_bool(text) && (text[0] == 't' || text[0] == 'T' || text[0] == 'f' || text[0] == 'F');
}

std::string_view name_of_type(std::string_view type) {
  if (type == "string") return "text";
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  if (type == "boolean") return "true or false";
  if (type == "object") return "a mapping";
  if (type == "array") return "a list";
  return "nothing";
}

std::string join_quoted(const Value::Array& values) {
  std::string text;
  for (const Value& value : values) {
    if (!text.empty()) text += ", ";
    text += value.is_string() ? "'" + std::string(value.as_string()) + "'" : base::to_json(value);
  }
  return text;
}

std::string expected(const Value& schema) {
  if (schema["enum"].is_array()) return "one of " + join_quoted(schema["enum"].elements());
  if (schema["format"].as_string() == kGpuLayers) return apply_format(kGpuLayers, {}, {}).expected;
  const Value& type = schema["type"];
  if (type.is_string()) return std::string(name_of_type(type.as_string()));
  std::string text;
  for (const Value& each : type.elements())
    text.append(text.empty() ? "" : " or ").append(name_of_type(each.as_string()));
  return text;
}

std::string found(const Node& node, bool secret) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a mapping";
    case Node::Kind::quoted: return secret ? "text" : "the text " + in_quotes(node.text);
    case Node::Kind::plain: break;
  }
  if (parse_number(node.text).kind != Number::none) return secret ? "a number" : "the number " + node.text;
  if (is_core_bool(node.text)) return secret ? "true or false" : node.text;
  return secret ? "text" : "the text " + in_quotes(node.text);
}

Scalar fault(std::string message, std::string hint = {}) {
  return {.typed = {}, .shown = {}, .message = std::move(message), .hint = std::move(hint)};
}

Scalar good(const Value& value) { return {.typed = value, .shown = value}; }

std::string range_of(const Value& schema) {
  const auto print = [](const Value& limit) { return base::to_json(limit); };
  const Value* least = schema.find("minimum");
  const Value* most = schema.find("maximum");
  const Value* above = schema.find("exclusiveMinimum");
  if (least && most) return print(*least) + " to " + print(*most);
  if (least) return "at least " + print(*least);
  std::string text = above ? "more than " + print(*above) : "";
  if (most) text += (text.empty() ? "at most " : " and at most ") + print(*most);
  return text;
}

Scalar check_range(const Value& number, const Node& node, const Value& schema, bool secret) {
  const double value = number.as_real();
  const Value* least = schema.find("minimum");
  const Value* most = schema.find("maximum");
  const Value* above = schema.find("exclusiveMinimum");
  const bool fits = (!least || value >= least->as_real()) && (!most || value <= most->as_real()) &&
                    (!above || value > above->as_real());
  if (fits) return good(number);
  return fault((secret ? std::string("the number") : in_quotes(node.text)) + " is out of range: expected " +
               range_of(schema));
}

// A plain scalar as the number that the schema takes, or nothing when it is no number at all.
std::optional<Scalar> as_number(const Node& node, const Value& schema, bool secret) {
  const NumberText number = parse_number(node.text);
  switch (number.kind) {
    case Number::none: return std::nullopt;
    case Number::leading_zero:
      return fault((secret ? std::string("the number") : in_quotes(node.text)) +
                       " is ambiguous: YAML 1.1 reads it as octal, YAML 1.2 as decimal",
                   "write it without the leading zero");
    case Number::too_large: return fault("the number does not fit into 64 bits");
    case Number::integer: return check_range(number.integer, node, schema, secret);
    case Number::real: break;
  }
  if (allows_type(schema, "number")) return check_range(number.real, node, schema, secret);
  return std::nullopt;
}

Scalar check_text(const Node& node, const Value& schema, bool secret, std::string_view base_folder) {
  const std::string_view format = schema["format"].as_string();
  const Value& preset = schema["default"];
  // a default need not be a URL to be right: "auto"
  const bool is_preset = format == "uri" && preset.is_string() && preset.as_string() == node.text;
  if (!format.empty() && !is_preset) {
    Formatted formatted = apply_format(format, node.text, base_folder);
    if (formatted.typed.is_null())
      return fault("expected " + formatted.expected +
                   (secret || !formatted.quote ? "" : ", found " + in_quotes(node.text)));
    if (formatted.typed != Value(node.text))
      return {.typed = std::move(formatted.typed), .shown = std::move(formatted.shown)};
  }
  const std::int64_t least = schema["minLength"].as_integer();
  const auto characters =
      std::count_if(node.text.begin(), node.text.end(), [](char byte) { return (byte & 0xC0) != 0x80; });
  if (characters < least)
    return fault(least == 1 ? "the text must not be empty"
                            : "the text must have at least " + std::to_string(least) + " characters");
  return good(Value(node.text));
}

// A duration or a size: written as text or as a number, delivered as an integer.
Scalar check_quantity(const Node& written, const Value& schema, bool secret, std::string_view base_folder) {
  Node node = written;
  // a program and a schema's default give the milliseconds themselves
  const bool counted =
      !node.at.line && node.kind == Node::Kind::plain && schema["format"].as_string() == "duration";
  if (counted && parse_number(node.text).kind == Number::integer) node.text += "ms";
  Scalar scalar = check_text(node, schema, secret, base_folder);
  if (!scalar.message.empty()) return scalar;
  Scalar ranged = check_range(scalar.typed, node, schema, secret);
  ranged.shown = std::move(scalar.shown);
  return ranged;
}

// The type that a plain scalar has by itself, where the schema leaves it open.
Scalar untyped(const Node& node, bool secret) {
  if (node.kind == Node::Kind::plain) {
    if (is_core_bool(node.text)) return good(Value(*parse_bool(node.text)));
    if (auto number = as_number(node, Value(), secret)) return *std::move(number);
  }
  return good(Value(node.text));
}

Scalar mismatch(const Node& node, const Value& schema, bool secret) {
  std::string hint;
  if (node.kind == Node::Kind::quoted && !allows_type(schema, "string") &&
      (parse_number(node.text).kind != Number::none || parse_bool(node.text)))
    hint = "remove the quotes";
  if (node.kind == Node::Kind::plain && allows_type(schema, "string") &&
      schema["format"].as_string() != kGpuLayers)
    hint = "put it in quotes";
  return fault("expected " + expected(schema) + ", found " + found(node, secret), std::move(hint));
}

Scalar check_typed(const Node& node, const Value& schema, bool secret, std::string_view base_folder) {
  const bool plain = node.kind == Node::Kind::plain;
  if (plain && allows_type(schema, "boolean"))
    if (const auto word = parse_bool(node.text)) return good(Value(*word));
  const std::string_view format = schema["format"].as_string();
  if (format == "duration" || format == "size") return check_quantity(node, schema, secret, base_folder);
  if (plain && (allows_type(schema, "integer") || allows_type(schema, "number")))
    if (auto number = as_number(node, schema, secret)) return *std::move(number);
  if (!allows_type(schema, "string")) return mismatch(node, schema, secret);
  // the environment does not know about quotes
  if (plain && !node.expanded && (parse_number(node.text).kind != Number::none || is_core_bool(node.text)))
    return mismatch(node, schema, secret);
  return check_text(node, schema, secret, base_folder);
}

Scalar check_enum(Scalar scalar, const Node& node, const Value& schema, bool secret) {
  const Value::Array& allowed = schema["enum"].elements();
  if (std::find(allowed.begin(), allowed.end(), scalar.typed) != allowed.end()) return scalar;
  std::vector<std::string> names;
  for (const Value& each : allowed)
    names.push_back(each.is_string() ? std::string(each.as_string()) : base::to_json(each));
  if (secret) return fault("the value is not one of " + join_quoted(allowed));
  return fault(in_quotes(node.text) + " is not one of " + join_quoted(allowed),
               base::did_you_mean(base::nearest(node.text, names)));
}

}  // namespace

bool allows_type(const Value& schema, std::string_view type) {
  const Value& wanted = schema["type"];
  if (wanted.is_null()) return true;
  if (wanted.is_string())
    return wanted.as_string() == type || (type == "integer" && wanted.as_string() == "number");
  return std::any_of(wanted.elements().begin(), wanted.elements().end(), [&](const Value& each) {
    return each.as_string() == type || (type == "integer" && each.as_string() == "number");
  });
}

Scalar check_scalar(const Node& node, const Value& schema, bool secret, std::string_view base_folder) {
  if (node.broken || (node.kind == Node::Kind::null && allows_type(schema, "null"))) return good(Value());
  if (!node.is_scalar()) return mismatch(node, schema, secret);
  const bool open = schema["type"].is_null() && schema["enum"].is_null() && schema["format"].is_null();
  Scalar scalar = open ? untyped(node, secret) : check_typed(node, schema, secret, base_folder);
  if (!scalar.message.empty() || schema["enum"].is_null()) return scalar;
  return check_enum(std::move(scalar), node, schema, secret);
}

}  // namespace tachikoma::config
