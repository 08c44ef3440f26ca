// SPDX-License-Identifier: MIT
#include "diagnose/model_questions.hpp"

#include <algorithm>
#include <utility>

#include "base/sourced.hpp"
#include "diagnose/findings.hpp"
#include "models/load_warnings.hpp"

namespace tachikoma::diagnose {
namespace {

class NoLoadSink final : public LoadSink {
 public:
  Flow on_progress(double) override { return Flow::proceed; }
  Flow on_notice(std::string_view) override { return Flow::proceed; }
};

}  // namespace

void ModelQuestions::ask() {
  if (const std::optional<std::string> name = choose_model()) look_at(*name);
}

// The name used by requests that name no model, if it is a model of this provider.
std::optional<std::string> ModelQuestions::choose_model() {
  const std::string current = exam_.provider.id + "::current";
  std::string name = exam_.options.model.empty() ? exam_.parts.registry.selected() : exam_.options.model;
  Result<ResolvedModel> model = exam_.parts.registry.resolve(name.empty() ? current : name, exam_.stop);
  const bool elsewhere = model && model->provider != exam_.provider.id;
  if (exam_.options.model.empty() && (elsewhere || (!model && !concerns_us(name)))) {
    model = exam_.parts.registry.resolve(current, exam_.stop);
    name.clear();
  }
  if (!model) {
    note_no_choice(model.error());
    const bool is_chosen = !exam_.options.model.empty() || exam_.parts.registry.is_chosen();
    if (!name.empty() && is_chosen) report_no_model(name == current || name == "current", model.error());
    return std::nullopt;
  }
  wanted_ = *std::move(model);
  return is_listed() ? std::optional(wanted_.name) : std::nullopt;
}

// A name that the list lacks is sent all the same; where the list is whole, nobody can answer to it.
bool ModelQuestions::is_listed() {
  if (wanted_.notice.empty()) return true;
  const Error error(ErrorCode::model_not_found, wanted_.notice, "name one that `tachikoma models` lists",
                    Value::object({{"name", wanted_.name}}));
  if (exam_.provider.capability<ModelCatalog>()->lists_every_model()) {
    report_no_model(false, error);
    return false;
  }
  Finding finding =
      finding_of("model-not-listed", error, "the models of '" + exam_.provider.id + "' were listed");
  finding.severity = Severity::warning;
  exam_.report(std::move(finding));
  return true;
}

void ModelQuestions::note_no_choice(const Error& error) {
  const auto listed = exam_.list_models();
  const bool all_say = listed && *listed &&
                       std::none_of((*listed)->begin(), (*listed)->end(),
                                    [](const auto& each) { return each.state == ModelState::unknown; });
  if (all_say && error.code == ErrorCode::model_not_found)
    exam_.diagnosis.in_memory = false;
  else
    exam_.no_model = "whether a model is in memory is not known: " + error.message;
}

bool ModelQuestions::concerns_us(const std::string& name) const {
  if (exam_.parts.providers.all().size() == 1 || name.starts_with(exam_.provider.id + "::")) return true;
  return exam_.parts.registry.provider_of_alias(name) == exam_.provider.id;
}

void ModelQuestions::report_no_model(bool current, const Error& error) {
  if (error.code == ErrorCode::cancelled || error.code == ErrorCode::unsupported) return;
  const std::string evidence = "the models of '" + exam_.provider.id + "' were listed";
  if (current && error.code == ErrorCode::model_not_found)
    exam_.report({"no-model-loaded", Severity::error, error.code, error.message, evidence,
                  owns_its_models(exam_.provider) ? "name one with defaults.model: the first request loads it"
                                                  : how_to_load("one", "MODEL")});
  else if (error.code == ErrorCode::model_not_found)
    exam_.report(finding_of("model-not-there", with_own_words(error), evidence));
  else
    exam_.report(finding_of("model-unclear", error, evidence));
}

// If no model is listed, only the provider knows why.
Error ModelQuestions::with_own_words(const Error& error) const {
  const auto listed = exam_.list_models();
  if (!listed || !*listed || !(*listed)->empty()) return error;
  const auto estimated = estimate({.key = std::string(error.detail["name"].as_string())});
  const bool says_more = estimated && !*estimated && estimated->error().code == error.code;
  return says_more ? estimated->error() : error;
}

void ModelQuestions::look_at(std::string name) {
  find_in_memory(name);
  if (!in_memory() && exam_.options.load) {
    const std::optional<Result<std::string>> loaded = load();
    if (loaded && !*loaded)
      return exam_.report(finding_of("load-failed", loaded->error(), "a load was attempted, as requested"));
    if (loaded) find_in_memory(name = **loaded);
  }
  if (!in_memory()) {
    note_absence();
    return look_whether_it_fits();
  }
  if (!exam_.facts.status.instance.empty()) name = exam_.facts.status.instance;
  exam_.diagnosis.model = name;
  exam_.diagnosis.in_memory = true;
  exam_.diagnosis.context_length = exam_.facts.status.context_length;
  exam_.diagnosis.gpu_layers = exam_.facts.status.gpu_layers;
  exam_.diagnosis.total_layers = exam_.facts.status.total_layers;
  exam_.diagnosis.memory_bytes = exam_.facts.status.memory_bytes;
  const models::LoadedBy by = wanted_.load == LoadSettings{} ? models::LoadedBy::command : exam_.loaded_by();
  const LoadedFacts facts{name, name_to_load(), exam_.facts.status, wanted_.load, by};
  for (auto* each : {smaller_context, missing_gpu_layers})
    if (std::optional<Finding> found = each(facts)) exam_.report(*std::move(found));
  const auto estimated = estimate({.key = exam_.facts.model.key, .settings = exam_.facts.status.config});
  if (estimated && *estimated) exam_.facts.memory = **estimated;
}

// That a server does not name it does not show that it is not in memory.
void ModelQuestions::note_absence() {
  const ModelState state = exam_.facts.model.state;
  const bool known = models_known_ || (state != ModelState::unknown && state != ModelState::loaded);
  if (known) {
    exam_.diagnosis.in_memory = false;
    exam_.no_model = "'" + wanted_.name + "' is not in memory";
    if (owns_its_models(exam_.provider)) exam_.no_model += ": the first request loads it";
    return;
  }
  exam_.no_model = "the server does not say whether '" + wanted_.name + "' is in memory" +
                   (memory_failure_.empty() ? "" : ": " + memory_failure_);
}

bool ModelQuestions::in_memory() const { return !exam_.facts.status.instance.empty() || loaded_by_list_; }

void ModelQuestions::find_in_memory(const std::string& name) {
  const auto listed = exam_.list_models();
  if (listed && *listed) find_listed(**listed, name);
  const auto loaded = exam_.ask<ModelManager, std::vector<ModelStatus>>(
      exam_.question_limit(),
      [](ModelManager& it, const CallContext& context) { return it.loaded(context); });
  models_known_ = loaded && *loaded;
  if (loaded && !*loaded) memory_failure_ = loaded->error().message;
  if (!models_known_) return;
  for (const ModelStatus& status : **loaded)
    if (status.instance == name) exam_.facts.status = status;
  if (in_memory() || (*loaded)->size() != 1 || exam_.loaded_by() != models::LoadedBy::start) return;
  exam_.facts.status = (*loaded)->front();  // the server's one fixed model, whatever name is asked for
  if (listed && *listed) find_listed(**listed, exam_.facts.status.instance);
}

// The instance; nullopt if the provider loads none.
std::optional<Result<std::string>> ModelQuestions::load() {
  const LoadRequest request{.key = wanted_key(), .settings = wanted_.load};
  auto loaded = exam_.ask<ModelManager, LoadedModel>(exam_.provider.policy.clocks.load,
                                                     [request](ModelManager& it, const CallContext& context) {
                                                       NoLoadSink sink;
                                                       return it.load(request, sink, context);
                                                     });
  if (!loaded) return std::nullopt;
  if (!*loaded) return std::move(*loaded).error();
  return loaded_here_ = (*loaded)->instance;
}

void ModelQuestions::unload_again() {
  if (loaded_here_.empty()) return;
  const auto unloaded = exam_.ask<ModelManager, Done>(
      kQuestionLimit, [instance = loaded_here_](ModelManager& it, const CallContext& context) {
        return it.unload(instance, context);
      });
  if (unloaded && !*unloaded)
    exam_.report(finding_of("unload-failed", unloaded->error(),
                            "it was loaded for the diagnosis, and stays in memory"));
}

// An alias has settings of its own, which its key alone would not have.
std::string ModelQuestions::name_to_load() const {
  return wanted_.alias.empty() ? wanted_key() : wanted_.alias;
}

std::string ModelQuestions::wanted_key() const {
  return exam_.facts.model.key.empty() ? wanted_.name : exam_.facts.model.key;
}

void ModelQuestions::find_listed(const std::vector<ModelInfo>& models, const std::string& name) {
  for (const ModelInfo& model : models) {
    const auto instance = std::find_if(model.instances.begin(), model.instances.end(),
                                       [&](const ModelInstance& each) { return each.id == name; });
    if (model.key != name && instance == model.instances.end()) continue;
    exam_.facts.model = model;
    loaded_by_list_ = instance != model.instances.end() || model.state == ModelState::loaded;
    if (instance != model.instances.end()) exam_.facts.status.context_length = instance->context_length;
  }
}

std::optional<Result<MemoryEstimate>> ModelQuestions::estimate(LoadRequest request) const {
  return exam_.ask<ModelManager, MemoryEstimate>(
      exam_.question_limit(),
      [request](ModelManager& it, const CallContext& context) { return it.estimate(request, context); });
}

// The first request would load it: it is better to know in advance that it can't be loaded.
void ModelQuestions::look_whether_it_fits() {
  LoadRequest request{.key = wanted_key(), .settings = wanted_.load};
  request.settings.context_size_reduction.reset();
  request.settings.min_context_length.reset();
  const auto estimated = estimate(request);
  const auto does_not_fit = [&](const std::string& evidence) {
    exam_.report({"model-does-not-fit", Severity::error, ErrorCode::insufficient_memory,
                  "model '" + request.key + "' is not in memory, and would not fit", evidence,
                  "choose a smaller model or context, or unload another model"});
  };
  if (estimated && !*estimated && estimated->error().code == ErrorCode::insufficient_memory)
    return does_not_fit(estimated->error().message);
  if (estimated && !*estimated && refuses_load(estimated->error()))
    return exam_.report(
        finding_of("load-refused", estimated->error(),
                   "model '" + request.key + "' would be loaded with the configured settings"));
  if (!estimated || !*estimated || (*estimated)->fits != false) return report_not_loaded(request.key);
  const Sourced<std::int64_t>& total = (*estimated)->total_bytes;
  does_not_fit(total ? "it would take " + std::to_string(total.value / 1'000'000) + " MB (" +
                           base::source_of(total) + ")"
                     : "the server's own estimate says so");
}

// Only a provider that manages models has `tachikoma load`.
std::string ModelQuestions::how_to_load(const std::string& what, const std::string& name) const {
  return exam_.provider.capability<ModelManager>() ? "load " + what + " with: tachikoma load " + name
                                                   : "load " + what + " on its server";
}

// The first request would load it, and fail in the same way.
bool ModelQuestions::refuses_load(const Error& error) const {
  return owns_its_models(exam_.provider) &&
         (error.code == ErrorCode::unsupported || error.code == ErrorCode::invalid_argument);
}

// Only loading it shows whether it can be loaded: nothing is wrong yet.
void ModelQuestions::report_not_loaded(const std::string& key) {
  if (owns_its_models(exam_.provider)) return;
  if (exam_.facts.model.state == ModelState::unknown || exam_.facts.model.key.empty()) return;
  exam_.report({"model-not-loaded", Severity::info, ErrorCode::model_not_found,
                "model '" + key + "' is not in memory: the first request will wait until it is loaded",
                "the server lists it without an instance", how_to_load("it in advance", name_to_load())});
}

}  // namespace tachikoma::diagnose
