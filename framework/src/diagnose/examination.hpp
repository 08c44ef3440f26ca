// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "calls/retry.hpp"
#include "diagnose/diagnosis.hpp"
#include "diagnose/suggestions.hpp"
#include "models/load_advice.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"

namespace tachikoma::diagnose {

/// Longer than the slowest self-diagnosis of a provider.
inline constexpr std::chrono::milliseconds kExaminationLimit{30'000};
/// For each of the later questions; a shorter configured clock takes precedence.
inline constexpr std::chrono::milliseconds kQuestionLimit{10'000};

/// A running diagnosis: what it examines, and what it has found so far.
class ProviderExamination {
 public:
  ProviderExamination(const Parts& of, const calls::ConfiguredProvider& one, const DiagnosisOptions& how,
                      std::stop_token until)
      : parts(of), provider(one), options(how), stop(std::move(until)) {
    diagnosis.provider = provider.id;
  }

  /// Asks the provider one question, without retries; a copy of `question` may outlive this. Nullopt if it
  /// does not offer `Interface`.
  template <class Interface, class T, class Ask>
  std::optional<Result<T>> ask(std::chrono::milliseconds limit, const Ask& question) const {
    if (!provider.capability<Interface>()) return std::nullopt;
    return calls::call_provider<T>(parts.providers, once_within(limit), stop, calls::Counts::no,
                                   [question](const calls::PluginCall& call) {
                                     return question(*call.server.capability<Interface>(), call.context);
                                   });
  }
  std::optional<Result<std::vector<ModelInfo>>> list_models() const {
    return ask<ModelCatalog, std::vector<ModelInfo>>(
        question_limit(),
        [](ModelCatalog& it, const CallContext& context) { return it.list_models(context); });
  }
  /// Who gives its models their load settings.
  models::LoadedBy loaded_by() const;
  std::chrono::milliseconds question_limit() const;

  bool has_errors(FindingScope scope) const;
  /// Reports a finding, once per id.
  void report(Finding finding);

  calls::CallTarget once_within(std::chrono::milliseconds limit) const;

  const Parts parts;
  const calls::ConfiguredProvider& provider;
  const DiagnosisOptions& options;
  const std::stop_token stop;
  Diagnosis diagnosis;
  SpeedFacts facts;  ///< of the examined model
  /// Why no model is examined.
  std::string no_model = "no model is in memory";
};

}  // namespace tachikoma::diagnose
