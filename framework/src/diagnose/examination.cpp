// SPDX-License-Identifier: MIT
#include "diagnose/examination.hpp"

#include <algorithm>

namespace tachikoma::diagnose {

std::chrono::milliseconds Examination::question_limit() const {
  const std::chrono::milliseconds configured = provider.policy.clocks.first_token;
  return configured.count() > 0 ? std::min(configured, kQuestionLimit) : kQuestionLimit;
}

bool Examination::has(std::string_view id) const {
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                     [&](const Finding& finding) { return finding.id == id; });
}

bool Examination::has_errors() const {
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

void Examination::report(Finding finding) {
  if (!has(finding.id)) diagnosis.findings.push_back(std::move(finding));
}

}  // namespace tachikoma::diagnose
