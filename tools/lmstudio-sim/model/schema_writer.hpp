// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "http/json_value.hpp"
#include "model/question.hpp"

namespace lmstudio_sim {

/// Writes JSON that fits a JSON Schema, always the same for the same schema and question. Values come from
/// the question where a property's name suggests it. Supports type, properties, required, enum, const, items,
/// prefixItems, the length, count and range limits, format, simple patterns, anyOf, oneOf, allOf, and
/// $ref within the schema. `answer` is the text for properties such as `answer` and `summary`.
JsonValue write_instance(const JsonValue& schema, Question& question, const std::string& answer);

/// The arguments of a call: what `parameters` requires, and the options that the question mentions.
JsonValue write_arguments(const JsonValue& parameters, Question& question);

}  // namespace lmstudio_sim
