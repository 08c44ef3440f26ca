// SPDX-License-Identifier: MIT
#include "diagnose/server_questions.hpp"

#include "diagnose/findings.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::diagnose {

bool examine_server(ProviderExamination& exam) {
  const auto examined = exam.ask<SelfDiagnosis, std::vector<Finding>>(
      kExaminationLimit, [](SelfDiagnosis& it, const CallContext& context) { return it.examine(context); });
  if (examined && *examined) exam.diagnosis.findings = **examined;
  if (examined && !*examined)
    exam.report(finding_of("examination-failed", examined->error(), "its examination"));
  if (exam.has_errors(FindingScope::server)) return false;
  const auto health = exam.ask<HealthCheck, Health>(
      exam.question_limit(),
      [](HealthCheck& it, const CallContext& context) { return it.check_health(context); });
  if (health && *health) exam.diagnosis.health = **health;
  if (health && !*health)
    exam.report(finding_of("server-" + dashed(to_string(health->error().code)), health->error(),
                           "its health was checked"));
  return !exam.has_errors(FindingScope::server) && !exam.has_errors(FindingScope::models);
}

}  // namespace tachikoma::diagnose
