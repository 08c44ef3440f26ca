// SPDX-License-Identifier: MIT
#include "diagnose/diagnosis.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "diagnose/examination.hpp"
#include "diagnose/model_questions.hpp"
#include "diagnose/server_questions.hpp"
#include "diagnose/speed_questions.hpp"

namespace tachikoma::diagnose {
namespace {

// Gives each missing number its reason.
void explain_gaps(ProviderExamination& exam) {
  const auto because = [](auto& number, const std::string& why) {
    if (!number && number.basis.empty()) number.basis = why;
  };
  const std::string no_model = exam.diagnosis.model.empty() ? exam.no_model : "the server does not say";
  exam.diagnosis.no_model = exam.diagnosis.model.empty() ? exam.no_model : "";
  for (auto* number : {&exam.diagnosis.context_length, &exam.diagnosis.gpu_layers,
                       &exam.diagnosis.total_layers, &exam.diagnosis.memory_bytes})
    because(*number, no_model);
  std::string why = exam.options.measure ? why_not_measured(exam) : "not measured, as requested";
  if (why.empty()) why = "the generation that was to measure it failed";
  because(exam.diagnosis.tokens_per_second, why);
  because(exam.diagnosis.prompt_tokens_per_second, why);
  because(exam.diagnosis.time_to_first_token, why);
}

}  // namespace

Result<Diagnosis> diagnose(const Parts& parts, const calls::ConfiguredProvider& provider,
                           const DiagnosisOptions& options, std::stop_token stop) {
  ProviderExamination exam(parts, provider, options, std::move(stop));
  if (examine_server(exam)) {
    ModelQuestions model(exam);
    model.ask();
    examine_speed(exam);
    model.unload_again();
  } else if (exam.has_errors(FindingScope::server)) {
    exam.no_model = "not known: the server can't be used";
  } else {
    exam.diagnosis.in_memory = false;
  }
  if (exam.stop.stop_requested())
    return Error(ErrorCode::cancelled, "the diagnosis of '" + provider.id + "' was cancelled");
  explain_gaps(exam);
  std::stable_sort(exam.diagnosis.findings.begin(), exam.diagnosis.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return std::move(exam.diagnosis);
}

}  // namespace tachikoma::diagnose
