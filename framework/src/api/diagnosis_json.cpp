// SPDX-License-Identifier: MIT
// The published JSON forms of a diagnosis (docs/json.md).
#include "base/lists.hpp"
#include "base/sourced_json.hpp"
#include "tachikoma/diagnosis.hpp"

namespace tachikoma {
namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace

Value to_value(const Health& health) {
  return Value::object({{"server", health.server},
                        {"base_url", health.base_url},
                        {"version", text_or_null(health.version)},
                        {"api", health.api},
                        {"auth_required", health.auth_required},
                        {"loaded_models", health.loaded_models ? Value(*health.loaded_models) : Value()}});
}

Value to_value(const Finding& finding) {
  const bool fails = finding.severity == Severity::error;
  return Value::object({{"id", finding.id},
                        {"severity", to_string(finding.severity)},
                        {"code", fails ? Value(to_string(finding.code)) : Value()},
                        {"title", finding.title},
                        {"evidence", finding.evidence},
                        {"fix", finding.fix}});
}

Value to_value(const Diagnosis& diagnosis) {
  Value findings =
      base::array_of(diagnosis.findings, [](const Finding& finding) { return to_value(finding); });
  return Value::object(
      {{"provider", diagnosis.provider},
       {"ok", diagnosis.findings.empty()},
       {"health", diagnosis.health ? to_value(*diagnosis.health) : Value()},
       {"model", text_or_null(diagnosis.model)},
       {"in_memory", diagnosis.in_memory ? Value(*diagnosis.in_memory) : Value()},
       {"no_model", text_or_null(diagnosis.no_model)},
       {"context_length", sourced_value(diagnosis.context_length, "tokens")},
       {"gpu_layers", sourced_value(diagnosis.gpu_layers, "layers")},
       {"total_layers", sourced_value(diagnosis.total_layers, "layers")},
       {"memory", sourced_value(diagnosis.memory_bytes, "bytes")},
       {"tokens_per_second", sourced_value(diagnosis.tokens_per_second, "tokens/s")},
       {"prompt_tokens_per_second", sourced_value(diagnosis.prompt_tokens_per_second, "tokens/s")},
       {"time_to_first_token", sourced_value(diagnosis.time_to_first_token)},
       {"findings", std::move(findings)}});
}

}  // namespace tachikoma
