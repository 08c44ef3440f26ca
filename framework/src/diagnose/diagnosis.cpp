// SPDX-License-Identifier: MIT
#include "diagnose/diagnosis.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "calls/retry.hpp"
#include "diagnose/findings.hpp"
#include "diagnose/suggestions.hpp"
#include "models/load_warnings.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::diagnose {
namespace {

using std::chrono::milliseconds;

/// Longer than a provider's examination takes at its slowest.
constexpr milliseconds kExamination{30'000};
/// For each of the questions after it; a smaller clock of the configuration wins.
constexpr milliseconds kQuestion{10'000};
constexpr std::int64_t kMeasuredTokens = 64;

// Long enough that the time for reading it can be told from the time for everything else.
constexpr char kPrompt[] =
    "The lighthouse keeper wrote down the weather every evening. On Monday there was fog until noon, and "
    "then "
    "a light wind from the west. On Tuesday the wind turned to the north and brought rain that did not end "
    "before night. On Wednesday the sea was calm, two ships went by, and the keeper mended the stairs. On "
    "Thursday a storm broke a window of the lantern room, and the lamp was lit two hours late. On Friday the "
    "glass was put in again, and the sky was clear. Retell this week, day by day, in your own words.";

class NoLoadSink final : public LoadSink {
 public:
  Flow on_progress(double) override { return Flow::proceed; }
  Flow on_notice(std::string_view) override { return Flow::proceed; }
};

class Diagnosing {
 public:
  Diagnosing(const Parts& parts, const calls::ConfiguredProvider& provider, const DiagnosisOptions& options,
             std::stop_token stop)
      : parts_(parts), provider_(provider), options_(options), stop_(std::move(stop)) {
    diagnosis_.provider = provider.id;
  }

  Result<Diagnosis> run() {
    if (examine_server()) {
      if (const std::optional<std::string> name = choose_model()) look_at(*name);
      if (options_.measure) measure();
      take_reported_speeds();
      suggest_speed();
      unload_again();
    }
    if (stop_.stop_requested())
      return Error(ErrorCode::cancelled, "the diagnosis of '" + provider_.id + "' was cancelled");
    explain_gaps();
    std::stable_sort(diagnosis_.findings.begin(), diagnosis_.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return std::move(diagnosis_);
  }

 private:
  // One question to the provider, by its first server, asked once.
  template <class Interface, class T, class Ask>
  std::optional<Result<T>> ask(milliseconds limit, const Ask& question) const {
    if (!provider_.capability<Interface>()) return std::nullopt;
    calls::CallTarget once = calls::CallTarget(provider_).once();
    once.policy.clocks = {.connect = {}, .load = {}, .first_token = {}, .between_tokens = {}, .total = limit};
    return calls::call_provider<T>(parts_.providers, once, stop_, calls::Counts::no,
                                   [&](calls::Server& server, const CallContext& context) {
                                     return question(*server.capability<Interface>(), context);
                                   });
  }

  milliseconds question_limit() const {
    const milliseconds configured = provider_.policy.clocks.first_token;
    return configured.count() > 0 ? std::min(configured, kQuestion) : kQuestion;
  }

  bool has(std::string_view id) const {
    return std::any_of(diagnosis_.findings.begin(), diagnosis_.findings.end(),
                       [&](const Finding& finding) { return finding.id == id; });
  }
  bool has_errors() const {
    return std::any_of(diagnosis_.findings.begin(), diagnosis_.findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::error; });
  }
  void report(Finding finding) {
    if (!has(finding.id)) diagnosis_.findings.push_back(std::move(finding));
  }

  // False when its models can't be looked at.
  bool examine_server() {
    const auto examined = ask<SelfDiagnosis, std::vector<Finding>>(
        kExamination, [](SelfDiagnosis& it, const CallContext& context) { return it.examine(context); });
    if (examined && *examined) diagnosis_.findings = **examined;
    if (examined && !*examined)
      report(finding_of("examination-failed", examined->error(), "its examination"));
    const bool usable = !has_errors() || has("no-models") || has("no-model-loaded");
    if (!usable) return false;
    const auto health = ask<HealthCheck, Health>(
        question_limit(),
        [](HealthCheck& it, const CallContext& context) { return it.check_health(context); });
    if (health && *health) diagnosis_.health = **health;
    if (health && !*health)
      report(finding_of("server-" + dashed(to_string(health->error().code)), health->error(),
                        "its health was asked for"));
    return !has_errors();
  }

  // The name that requests without one use, as far as it is this provider's.
  std::optional<std::string> choose_model() {
    const std::string current = provider_.id + "::current";
    std::string name = options_.model.empty() ? parts_.registry.selected() : options_.model;
    Result<ResolvedModel> model = parts_.registry.resolve(name.empty() ? current : name, stop_);
    const bool elsewhere = model && model->provider != provider_.id;
    if (options_.model.empty() && (elsewhere || (!model && !concerns_us(name)))) {
      model = parts_.registry.resolve(current, stop_);
      name.clear();
    }
    if (!model) {
      if (!name.empty()) report_no_model(name == current || name == "current", model.error());
      return std::nullopt;
    }
    wanted_ = *std::move(model);
    return wanted_.name;
  }

  bool concerns_us(const std::string& name) const {
    if (parts_.providers.all().size() == 1 || name.starts_with(provider_.id + "::")) return true;
    return parts_.registry.provider_of_alias(name) == provider_.id;
  }

  void report_no_model(bool current, const Error& error) {
    if (error.code == ErrorCode::cancelled || error.code == ErrorCode::unsupported) return;
    const std::string evidence = "the models of '" + provider_.id + "' were listed";
    if (current && error.code == ErrorCode::model_not_found)
      report({"no-model-loaded", Severity::error, error.code, error.message, evidence,
              loads_as_configured(provider_) ? "name one with defaults.model: the first request loads it"
                                             : "load one with: tachikoma load MODEL"});
    else if (error.code == ErrorCode::model_not_found)
      report(finding_of("model-not-there", with_own_words(error), evidence));
    else
      report(finding_of("model-unclear", error, evidence));
  }

  // Where nothing is listed, only the provider knows why.
  Error with_own_words(const Error& error) const {
    const auto listed = list_models();
    if (!listed || !*listed || !(*listed)->empty()) return error;
    const auto estimated = estimate({.key = std::string(error.detail["name"].as_string())});
    const bool says_more = estimated && !*estimated && estimated->error().code == error.code;
    return says_more ? estimated->error() : error;
  }

  std::optional<Result<std::vector<ModelInfo>>> list_models() const {
    return ask<ModelCatalog, std::vector<ModelInfo>>(
        question_limit(),
        [](ModelCatalog& it, const CallContext& context) { return it.list_models(context); });
  }

  void look_at(std::string name) {
    find_in_memory(name);
    if (!in_memory() && options_.load) {
      const std::optional<Result<std::string>> loaded = load();
      if (loaded && !*loaded)
        return report(finding_of("load-failed", loaded->error(), "a load was tried, as asked"));
      if (loaded) find_in_memory(name = **loaded);
    }
    if (!in_memory()) return look_whether_it_fits();
    diagnosis_.model = name;
    diagnosis_.context_length = facts_.status.context_length;
    diagnosis_.gpu_layers = facts_.status.gpu_layers;
    diagnosis_.total_layers = facts_.status.total_layers;
    diagnosis_.memory_bytes = facts_.status.memory_bytes;
    const LoadedFacts facts{name, facts_.model.key, facts_.status, wanted_.load};
    for (auto* each : {smaller_context, missing_gpu_layers})
      if (std::optional<Finding> found = each(facts)) report(*std::move(found));
    const auto estimated = estimate({.key = facts_.model.key, .settings = facts_.status.config});
    if (estimated && *estimated) facts_.memory = **estimated;
  }

  bool in_memory() const { return !facts_.status.instance.empty() || loaded_by_list_; }

  void find_in_memory(const std::string& name) {
    const auto listed = list_models();
    if (listed && *listed) find_listed(**listed, name);
    const auto loaded = ask<ModelManager, std::vector<ModelStatus>>(
        question_limit(), [](ModelManager& it, const CallContext& context) { return it.loaded(context); });
    if (loaded && *loaded)
      for (const ModelStatus& status : **loaded)
        if (status.instance == name) facts_.status = status;
  }

  // The instance; nothing where the provider loads none.
  std::optional<Result<std::string>> load() {
    NoLoadSink sink;
    const LoadRequest request{.key = wanted_key(), .settings = wanted_.load};
    auto loaded = ask<ModelManager, LoadedModel>(
        provider_.policy.clocks.load,
        [&](ModelManager& it, const CallContext& context) { return it.load(request, sink, context); });
    if (!loaded) return std::nullopt;
    if (!*loaded) return std::move(*loaded).error();
    return loaded_here_ = (*loaded)->instance;
  }

  void unload_again() {
    if (loaded_here_.empty()) return;
    const auto unloaded = ask<ModelManager, Done>(
        kQuestion,
        [&](ModelManager& it, const CallContext& context) { return it.unload(loaded_here_, context); });
    if (unloaded && !*unloaded)
      report(finding_of("unload-failed", unloaded->error(), "it was loaded for this, and stays in memory"));
  }

  std::string wanted_key() const { return facts_.model.key.empty() ? wanted_.name : facts_.model.key; }

  void find_listed(const std::vector<ModelInfo>& models, const std::string& name) {
    for (const ModelInfo& model : models) {
      const auto instance = std::find_if(model.instances.begin(), model.instances.end(),
                                         [&](const ModelInstance& each) { return each.id == name; });
      if (model.key != name && instance == model.instances.end()) continue;
      facts_.model = model;
      loaded_by_list_ = instance != model.instances.end() || model.state == ModelState::loaded;
      if (instance != model.instances.end()) facts_.status.context_length = instance->context_length;
    }
  }

  std::optional<Result<MemoryEstimate>> estimate(LoadRequest request) const {
    return ask<ModelManager, MemoryEstimate>(
        question_limit(),
        [&](ModelManager& it, const CallContext& context) { return it.estimate(request, context); });
  }

  // It would be loaded by the first request: better to know before that it can't be.
  void look_whether_it_fits() {
    LoadRequest request{.key = wanted_key(), .settings = wanted_.load};
    request.settings.context_size_reduction.reset();
    request.settings.min_context_length.reset();
    const auto estimated = estimate(request);
    const auto does_not_fit = [&](const std::string& evidence) {
      report({"model-does-not-fit", Severity::error, ErrorCode::insufficient_memory,
              "model '" + request.key + "' is not in memory, and would not fit", evidence,
              "choose a smaller model or context, or unload another model"});
    };
    if (estimated && !*estimated && estimated->error().code == ErrorCode::insufficient_memory)
      does_not_fit(estimated->error().message);
    if (has("model-does-not-fit")) return;
    if (estimated && !*estimated && refuses_load(estimated->error()))
      return report(finding_of("load-refused", estimated->error(),
                               "model '" + request.key + "' would be loaded with the configured settings"));
    if (!estimated || !*estimated || (*estimated)->fits != false) return report_not_loaded(request.key);
    const Sourced<std::int64_t>& total = (*estimated)->total_bytes;
    does_not_fit(total ? "it would take " + std::to_string(total.value / 1'000'000) + " MB (" +
                             std::string(to_string(total.source)) + ": " + total.basis + ")"
                       : "the server's own estimate says so");
  }

  // The first request would load it, and fail in the same way.
  bool refuses_load(const Error& error) const {
    return loads_as_configured(provider_) &&
           (error.code == ErrorCode::unsupported || error.code == ErrorCode::invalid_argument);
  }

  // Whether it can be loaded shows when it is: nothing is wrong yet.
  void report_not_loaded(const std::string& key) {
    if (loads_as_configured(provider_)) return;
    if (facts_.model.state == ModelState::unknown || facts_.model.key.empty()) return;
    report({"model-not-loaded", Severity::info, ErrorCode::model_not_found,
            "model '" + key + "' is not in memory: the first request waits for its load",
            "the server lists it without an instance", "load it before: tachikoma load " + key});
  }

  // Why the model is not generated with; empty: it is.
  std::string why_not_measured() const {
    if (diagnosis_.model.empty()) return "no model is in memory to measure";
    if (facts_.model.kind == ModelKind::embedding) return "an embedding model generates nothing";
    const Activity activity = facts_.status.activity.value;
    if (activity != Activity::unknown && activity != Activity::idle)
      return "not measured: the model is busy with another request";
    return {};
  }

  void measure() {
    if (!why_not_measured().empty()) return;
    const Result<Reply> reply =
        parts_.generator.generate({{.model = provider_.id + "::" + diagnosis_.model,
                                    .messages = {user(kPrompt)},
                                    .settings = {.max_tokens = kMeasuredTokens, .temperature = 0},
                                    .stop = stop_}},
                                  {});
    if (!reply) {
      const Error& error = reply.error();
      if (error.code != ErrorCode::cancelled)
        report(finding_of(generation_finding(error), error, "an answer of at most 64 tokens was asked for"));
      return;
    }
    const Metrics& metrics = reply->metrics;
    diagnosis_.time_to_first_token = metrics.time_to_first_token;
    diagnosis_.tokens_per_second = metrics.tokens_per_second;
    const double seconds = std::chrono::duration<double>(metrics.time_to_first_token.value).count();
    if (!reply->usage.prompt_tokens)
      diagnosis_.prompt_tokens_per_second.basis = "the server did not report its prompt tokens";
    else if (metrics.time_to_first_token && seconds > 0)
      diagnosis_.prompt_tokens_per_second = {
          static_cast<double>(*reply->usage.prompt_tokens) / seconds, Source::measured,
          "prompt tokens reported by the server, by the measured time to the first token"};
  }

  // Where nothing was measured, the server's own averages.
  void take_reported_speeds() {
    const auto take = [&](const char* name, Sourced<double>& speed) {
      const Value& said = facts_.status.extra[name];
      if (!speed && said.is_number())
        speed = {said.as_real(), Source::reported, "the server: the average of its requests so far"};
    };
    take("tokens_per_second", diagnosis_.tokens_per_second);
    take("prompt_tokens_per_second", diagnosis_.prompt_tokens_per_second);
  }

  void suggest_speed() {
    facts_.tokens_per_second = diagnosis_.tokens_per_second;
    facts_.prompt_tokens_per_second = diagnosis_.prompt_tokens_per_second;
    if (!facts_.tokens_per_second || facts_.tokens_per_second.value >= kSlow) return;
    const auto hardware = ask<HardwareSurvey, Hardware>(
        question_limit(), [](HardwareSurvey& it, const CallContext& context) { return it.survey(context); });
    if (hardware && *hardware) facts_.hardware = **hardware;
    for (Finding& finding : suggest(facts_)) report(std::move(finding));
  }

  // A number that is not there says why.
  void explain_gaps() {
    const auto because = [](auto& number, const std::string& why) {
      if (!number && number.basis.empty()) number.basis = why;
    };
    const std::string none = loads_as_configured(provider_)
                                 ? "no model is in memory: the first request loads it"
                                 : "no model is in memory";
    const std::string no_model = diagnosis_.model.empty() ? none : "the server does not say";
    for (auto* number : {&diagnosis_.context_length, &diagnosis_.gpu_layers, &diagnosis_.total_layers,
                         &diagnosis_.memory_bytes})
      because(*number, no_model);
    std::string why = options_.measure ? why_not_measured() : "not measured, as asked";
    if (why.empty()) why = "the generation that should measure it failed";
    because(diagnosis_.tokens_per_second, why);
    because(diagnosis_.prompt_tokens_per_second, why);
    because(diagnosis_.time_to_first_token, why);
  }

  const Parts parts_;
  const calls::ConfiguredProvider& provider_;
  const DiagnosisOptions& options_;
  const std::stop_token stop_;
  Diagnosis diagnosis_;
  ResolvedModel wanted_;
  SpeedFacts facts_;
  bool loaded_by_list_ = false;
  std::string loaded_here_;  // an instance; empty: none
};

}  // namespace

Result<Diagnosis> diagnose(const Parts& parts, const calls::ConfiguredProvider& provider,
                           const DiagnosisOptions& options, std::stop_token stop) {
  return Diagnosing(parts, provider, options, std::move(stop)).run();
}

}  // namespace tachikoma::diagnose
