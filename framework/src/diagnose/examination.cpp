// SPDX-License-Identifier: MIT
#include "diagnose/examination.hpp"

#include <algorithm>

namespace tachikoma::diagnose {

std::chrono::milliseconds ProviderExamination::question_limit() const {
  const std::chrono::milliseconds configured = provider.policy.clocks.first_token;
  return configured.count() > 0 ? std::min(configured, kQuestionLimit) : kQuestionLimit;
}

calls::CallTarget ProviderExamination::once_within(std::chrono::milliseconds limit) const {
  calls::CallTarget once = calls::CallTarget(provider).once();
  once.policy.clocks = {
      .connect = {}, .load = {}, .first_token = {}, .between_tokens = {}, .total = limit, .question = true};
  return once;
}

models::LoadedBy ProviderExamination::loaded_by() const {
  const auto by = models::loaded_by(parts.providers, once_within(question_limit()), stop);
  return by ? *by : models::LoadedBy::command;
}

bool ProviderExamination::has_errors(FindingScope scope) const {
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(), [&](const Finding& finding) {
    return finding.severity == Severity::error && finding.scope == scope;
  });
}

void ProviderExamination::report(Finding finding) {
  const bool known = std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                                 [&](const Finding& each) { return each.id == finding.id; });
  if (!known) diagnosis.findings.push_back(std::move(finding));
}

}  // namespace tachikoma::diagnose
