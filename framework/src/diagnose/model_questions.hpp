// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "diagnose/examination.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::diagnose {

/// Examines the model: which one it is, whether it is in memory or would fit, whether it is loaded as
/// configured.
class ModelQuestions {
 public:
  explicit ModelQuestions(ProviderExamination& exam) : exam_(exam) {}

  void ask();
  /// Unloads the model that was loaded for the diagnosis.
  void unload_again();

 private:
  std::optional<std::string> choose_model();
  bool is_listed();
  bool concerns_us(const std::string& name) const;
  void report_no_model(bool current, const Error& error);
  Error with_own_words(const Error& error) const;
  void look_at(std::string name);
  bool in_memory() const;
  void note_absence();
  void note_no_choice(const Error& error);
  void find_in_memory(const std::string& name);
  std::optional<Result<std::string>> load();
  std::string name_to_load() const;
  std::string wanted_key() const;
  void find_listed(const std::vector<ModelInfo>& models, const std::string& name);
  std::optional<Result<MemoryEstimate>> estimate(LoadRequest request) const;
  void look_whether_it_fits();
  bool refuses_load(const Error& error) const;
  std::string how_to_load(const std::string& what, const std::string& name) const;
  void report_not_loaded(const std::string& key);

  ProviderExamination& exam_;
  ResolvedModel wanted_;
  bool loaded_by_list_ = false;
  bool models_known_ = false;   // the provider said which models are in memory
  std::string memory_failure_;  // why it did not
  std::string loaded_here_;     // an instance; empty: none
};

}  // namespace tachikoma::diagnose
