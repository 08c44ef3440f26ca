// SPDX-License-Identifier: MIT
#include "model/schema_writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "http/json_value.hpp"
#include "model/arithmetic.hpp"
#include "model/schema_text.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {

namespace {

constexpr int kMaxDepth = 24;   // a schema that needs more has no finite instance
constexpr int kFrugalFrom = 4;  // from this depth on, only required properties are written
constexpr int kMaxChain = 16;   // of $ref to $ref
constexpr std::int64_t kMaxItems = 1000;
constexpr int kMaxSteps = 20'000;  // of writing and resolving: what branches at every level grows without end
constexpr double kInfinity = std::numeric_limits<double>::infinity();

const JsonValue& pointed_at(const JsonValue& root, std::string_view reference) {
  static const JsonValue kNone;
  if (!reference.starts_with('#')) return kNone;
  const JsonValue* found = &root;
  for (std::size_t at = reference.find('/'); at != std::string_view::npos && found;) {
    const std::size_t end = reference.find('/', at + 1);
    std::string key(reference.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
    for (const auto& [from, to] : {std::pair("~1", "/"), std::pair("~0", "~")})
      for (std::size_t i = key.find(from); i != std::string::npos; i = key.find(from, i + 1))
        key.replace(i, 2, to);
    found = found->find(key);
    at = end;
  }
  return found ? *found : kNone;
}

// Merges a schema into another: properties and required are combined, otherwise the later one wins.
void merge(JsonValue& into, const JsonValue& schema) {
  for (const auto& [key, value] : schema.members()) {
    JsonValue* present = into.find(key);
    if (present && present->is_object() && key == "properties")
      for (const auto& [name, property] : value.members()) present->set(name, property);
    else if (present && present->is_array() && key == "required")
      for (const JsonValue& name : value.elements()) present->push_back(name);
    else
      into.set(key, value);
  }
}

bool is_required(const JsonValue& schema, std::string_view name) {
  return std::ranges::any_of(schema["required"].elements(),
                             [&](const JsonValue& each) { return each.as_string() == name; });
}

std::string_view type_of(const JsonValue& schema) {
  if (schema["type"].is_string()) return schema["type"].as_string();
  for (const JsonValue& each : schema["type"].elements())
    if (each.as_string() != "null") return each.as_string();
  if (!schema["type"].elements().empty()) return "null";
  if (schema.find("properties") || schema.find("required") || schema.find("additionalProperties"))
    return "object";
  if (schema.find("items") || schema.find("prefixItems") || schema.find("minItems")) return "array";
  if (schema.find("minimum") || schema.find("maximum") || schema.find("multipleOf")) return "number";
  return "string";
}

class SchemaWriter {
 public:
  SchemaWriter(const JsonValue& root, Question& question, std::string answer)
      : root_(root), question_(question), answer_(std::move(answer)) {}

  JsonValue write(const JsonValue& schema, std::string_view name, int depth) {
    ++steps_;
    if (depth > kMaxDepth || tired()) return {};
    const JsonValue flat = resolved(schema, depth);
    if (const JsonValue* constant = flat.find("const")) return *constant;
    if (const JsonValue::Array& choices = flat["enum"].elements(); !choices.empty()) return choose(choices);
    const std::string_view type = type_of(flat);
    if (type == "object") return write_object(flat, depth, false);
    if (type == "array") return write_array(flat, name, depth);
    if (type == "number" || type == "integer") return write_number(flat, name, type == "integer");
    if (type == "boolean") return true;
    if (type == "null") return {};
    return write_string(flat, name);
  }

  // With `frugal`, an optional property is written only if the question mentions one of its choices.
  JsonValue write_object(const JsonValue& schema, int depth, bool frugal) {
    JsonValue object = JsonValue::object();
    for (const auto& [name, property] : schema["properties"].members()) {
      const bool wanted = frugal ? is_mentioned(property) : depth < kFrugalFrom;
      if (wanted || is_required(schema, name)) object.set(name, write(property, name, depth + 1));
    }
    for (const JsonValue& name : schema["required"].elements())
      if (!object.find(name.as_string()))
        object.set(name.as_string(), write(schema["additionalProperties"], name.as_string(), depth + 1));
    const auto min = static_cast<std::size_t>(schema["minProperties"].as_integer());
    for (std::size_t i = object.members().size(); i < std::min<std::size_t>(min, kMaxItems) && !tired(); ++i)
      object.set("key" + std::to_string(i + 1), write(schema["additionalProperties"], "", depth + 1));
    return object;
  }

  JsonValue resolved(const JsonValue& schema, int depth) {
    const JsonValue* target = &schema;
    for (int i = 0; i < kMaxChain && target->find("$ref"); ++i)
      target = &pointed_at(root_, (*target)["$ref"].as_string());
    JsonValue flat = *target;
    ++steps_;
    if (depth > kMaxDepth || tired()) return flat;
    for (const JsonValue& part : (*target)["allOf"].elements()) merge(flat, resolved(part, depth + 1));
    for (const char* key : {"anyOf", "oneOf"})
      if (const JsonValue::Array& options = (*target)[key].elements(); !options.empty())
        merge(flat, resolved(option_of(options, depth), depth + 1));
    return flat;
  }

 private:
  bool tired() const { return steps_ >= kMaxSteps; }

  // The first, or deep inside the simplest one, so that recursive schemas come to an end.
  const JsonValue& option_of(const JsonValue::Array& options, int depth) const {
    if (depth >= kFrugalFrom)
      for (const JsonValue& option : options)
        if (!option.find("$ref") && type_of(option) != "object" && type_of(option) != "array") return option;
    return options.front();
  }

  bool is_mentioned(const JsonValue& property) {
    const JsonValue flat = resolved(property, 0);
    return std::ranges::any_of(flat["enum"].elements(),
                               [&](const JsonValue& each) { return question_.mentions(each.as_string()); });
  }

  JsonValue choose(const JsonValue::Array& choices) const {
    for (const JsonValue& each : choices)
      if (each.is_string() && question_.mentions(each.as_string())) return each;
    return choices.front();
  }

  JsonValue write_array(const JsonValue& schema, std::string_view name, int depth) {
    JsonValue array = JsonValue::array();
    const JsonValue::Array& first = schema["prefixItems"].elements();
    const std::int64_t min = schema["minItems"].as_integer(0);
    const std::int64_t usual = std::max<std::int64_t>(min, depth < kFrugalFrom ? 2 : 0);
    std::int64_t count = std::max<std::int64_t>(usual, static_cast<std::int64_t>(first.size()));
    if (schema["items"].is_bool() && !schema["items"].as_bool())
      count = static_cast<std::int64_t>(first.size());
    count = std::min({count, schema["maxItems"].as_integer(kMaxItems), kMaxItems});
    for (std::int64_t i = 0; i < count && !tired(); ++i) {
      const auto index = static_cast<std::size_t>(i);
      array.push_back(index < first.size() ? write(first[index], name, depth + 1)
                                           : write_item(schema, array, name, depth));
    }
    if (schema["uniqueItems"].as_bool()) drop_repeated(array, static_cast<std::size_t>(min));
    return array;
  }

  // Items of an enum cycle through its choices.
  JsonValue write_item(const JsonValue& schema, const JsonValue& before, std::string_view name, int depth) {
    const JsonValue flat = resolved(schema["items"], depth);
    const JsonValue::Array& choices = flat["enum"].elements();
    if (choices.empty()) return write(schema["items"], name, depth + 1);
    return choices[before.elements().size() % choices.size()];
  }

  static void drop_repeated(JsonValue& array, std::size_t min) {
    JsonValue unique = JsonValue::array();
    std::int64_t copies = 1;
    for (JsonValue item : array.elements()) {
      const bool repeated = std::ranges::find(unique.elements(), item) != unique.elements().end();
      if (repeated && unique.elements().size() >= min) continue;
      if (repeated && item.is_string()) item = std::string(item.as_string()) + std::to_string(++copies);
      if (repeated && item.is_integer()) item = item.as_integer() + copies++;
      unique.push_back(std::move(item));
    }
    array = std::move(unique);
  }

  std::optional<JsonValue> number_for(std::string_view name) {
    for (const std::string& word : identifier_words(name))
      if (word == "result" || word == "answer" || word == "sum" || word == "total" || word == "product")
        if (const auto worked = work_out(lower_case(question_.text())))
          if (auto value = parse_json(worked->substr(worked->find('=') + 1))) return *value;
    return question_.next_number();
  }

  JsonValue write_number(const JsonValue& schema, std::string_view name, bool integer) {
    const double step = std::max(schema["multipleOf"].as_real(0), integer ? 1.0 : 0.0);
    const auto [min, max] = range_of(schema, step);
    const auto fits = [=](double number) {
      return number >= min && number <= max && (step == 0 || std::fmod(number, step) == 0);
    };
    double number = std::clamp(1.0, min, std::max(min, max));
    if (!fits(number)) number = std::ceil(number / step) * step;
    if (number > max) number -= step;
    if (const std::optional<JsonValue> asked = number_for(name); asked && fits(asked->as_real()))
      number = asked->as_real();
    const bool whole = number == std::floor(number) && std::fabs(number) < 1e15;
    return whole ? JsonValue(static_cast<std::int64_t>(number)) : JsonValue(number);
  }

  static std::pair<double, double> range_of(const JsonValue& schema, double step) {
    double min = schema["minimum"].as_real(-kInfinity);
    double max = schema["maximum"].as_real(kInfinity);
    const double above = schema["exclusiveMinimum"].as_real(-kInfinity);
    const double below = schema["exclusiveMaximum"].as_real(kInfinity);
    const double room = std::min(max, below) - std::max(min, above);
    const double margin = step > 0 ? step : std::min(0.5, room / 4);
    min = std::max(min, above + margin);
    max = std::min(max, below - margin);
    return {min, max};
  }

  JsonValue write_string(const JsonValue& schema, std::string_view name) {
    if (const JsonValue& pattern = schema["pattern"]; pattern.is_string())
      return text_for_pattern(pattern.as_string());
    const std::string_view format = schema["format"].as_string();
    if (format == "date")
      if (const auto text = question_.text_for(format)) return *text;
    if (const auto text = text_of_format(format)) return *text;
    return text_of_length(plain_text(name), schema["minLength"].as_integer(0),
                          schema["maxLength"].as_integer(std::numeric_limits<std::int64_t>::max()));
  }

  std::string plain_text(std::string_view name) {
    static constexpr std::array<std::string_view, 7> kProse{
        "answer", "summary", "description", "explanation", "reason", "reasoning", "response"};
    const std::vector<std::string> words = identifier_words(name);
    for (const std::string& word : words)
      if (!answer_.empty() && std::ranges::find(kProse, word) != kProse.end()) return answer_;
    if (auto found = question_.text_for(name)) return *found;
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text.empty() ? "text" : text;
  }

  const JsonValue& root_;
  Question& question_;
  const std::string answer_;
  int steps_ = 0;
};

}  // namespace

JsonValue write_instance(const JsonValue& schema, Question& question, const std::string& answer) {
  return SchemaWriter(schema, question, answer).write(schema, "", 0);
}

JsonValue write_arguments(const JsonValue& parameters, Question& question) {
  SchemaWriter writer(parameters, question, "");
  return writer.write_object(writer.resolved(parameters, 0), 0, true);
}

}  // namespace lmstudio_sim
