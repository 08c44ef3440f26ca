// SPDX-License-Identifier: MIT
#include "models/load_audit.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/lists.hpp"
#include "calls/retry.hpp"
#include "models/load_advice.hpp"
#include "models/load_warnings.hpp"
#include "tachikoma/model_management.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

/// A request waits for the answer.
constexpr std::chrono::milliseconds kAuditLimit{2000};

std::string key_of(const ResolvedModel& model) {
  return model.provider + "::" + model.name + " " + model.alias;
}

std::string name_of(const ResolvedModel& model) {
  return model.alias.empty() ? model.provider + "::" + model.key : model.alias;
}

std::string names_in(const LoadSettings& settings) {
  const Value value = to_value(settings);
  return base::listed(base::texts_of(value.members(), &Member::key));
}

// Those that a server may apply. A request with its own time to live delivers that itself.
LoadSettings for_server(const ResolvedModel& model) {
  LoadSettings load = model.load;
  load.context_size_reduction.reset();
  load.min_context_length.reset();
  if (model.settings.ttl) load.ttl.reset();
  return load;
}

std::int64_t layers_of(const GpuLayers& wanted, std::int64_t all) {
  switch (wanted.kind) {
    case GpuLayers::Kind::all: return all;
    case GpuLayers::Kind::count: return std::min(wanted.count, all);
    case GpuLayers::Kind::ratio: break;
  }
  return static_cast<std::int64_t>(wanted.ratio * static_cast<double>(all) + 0.5);
}

bool same_layers(const GpuLayers& wanted, const ModelStatus& status) {
  const auto& set = status.config.gpu_layers;
  if (set && *set == wanted) return true;
  return status.gpu_layers && status.total_layers &&
         layers_of(wanted, status.total_layers.value) == status.gpu_layers.value;
}

// "context_length is 4096, not 16384", or that it is not known; for each that is not as it is wanted.
std::vector<std::string> differences(const LoadSettings& wanted, const ModelStatus& status) {
  const Value asked = to_value(wanted), loaded_with = to_value(status.asked.value_or(LoadSettings{}));
  LoadSettings is_set = status.config;
  if (!is_set.context_length && status.context_length) is_set.context_length = status.context_length.value;
  const Value there = to_value(is_set);
  std::vector<std::string> texts, unknown;
  const auto compare = [&](const std::string& name, const Value& want, const Value& loaded, const Value& is) {
    if (want == is || (status.asked && want == loaded)) return;  // a load reports what it did not apply
    if (name == "flash_attention" && want.as_string() == "auto") return;
    if (name == "gpu_layers" && same_layers(*wanted.gpu_layers, status)) return;
    const Value& actual = is.is_null() ? loaded : is;
    if (actual.is_null() && !status.asked)
      unknown.push_back(name);
    else
      texts.push_back(name + " is " + (actual.is_null() ? "not set" : base::to_json(actual)) + ", not " +
                      base::to_json(want));
  };
  for (const Member& each : asked.members())
    if (each.key != "extra") compare(each.key, each.value, loaded_with[each.key], there[each.key]);
  for (const Member& each : wanted.extra.members())
    compare("extra." + each.key, each.value, loaded_with["extra"][each.key], there["extra"][each.key]);
  if (!unknown.empty())
    texts.push_back(base::listed(unknown) + (unknown.size() == 1 ? " is" : " are") +
                    " not reported by its server");
  return texts;
}

std::string not_loaded_text(const ResolvedModel& model, const LoadSettings& load, LoadedBy by) {
  const std::string start =
      "'" + model.key +
      "' was not in memory: its server loads it without the load settings of the configuration (" +
      names_in(load) + "); ";
  if (by != LoadedBy::command) return start + "start the server with them: it can't be told to apply them";
  return start + "`tachikoma load " + name_of(model) + "`, or load_model, applies them";
}

std::string can_not_load_text(const ResolvedModel& model, const LoadSettings& load) {
  return "the load settings of the configuration (" + names_in(load) + ") have no effect: provider '" +
         model.provider + "' can't load models, so its server runs with settings of its own";
}

// A server with one fixed model answers with that, whatever name is asked for.
const ModelStatus* find_status(const std::vector<ModelStatus>& all, const ResolvedModel& model, LoadedBy by) {
  if (by == LoadedBy::start && all.size() == 1) return &all.front();
  for (const ModelStatus& each : all)
    if (each.instance == model.name) return &each;
  for (const ModelStatus& each : all)
    if (each.key == model.key) return &each;
  return nullptr;
}

struct Audited {
  std::string sentence;
  bool lasting = false;  ///< the next request would find the same
};

Audited examine(const ResolvedModel& model, const LoadSettings& load, const calls::Providers& providers,
                const calls::ConfiguredProvider& provider, const std::stop_token& stop) {
  calls::CallTarget target = calls::CallTarget(provider).once();
  target.policy.clocks = {
      .connect = {}, .load = {}, .first_token = {}, .between_tokens = {}, .total = kAuditLimit};
  const auto unknown = [&](const Error& error) {
    return Audited{"whether the load settings of the configuration (" + names_in(load) +
                       ") are in effect is not known: " + error.message,
                   true};
  };
  const Result<LoadedBy> by = loaded_by(providers, target, stop);
  if (!by) return unknown(by.error());
  const bool as_configured =
      *by == LoadedBy::request || (*by == LoadedBy::command && model.owner == ModelOwner::managed);
  const auto to_be_loaded = [&] { return Audited{as_configured ? "" : not_loaded_text(model, load, *by)}; };
  if (model.state == ModelState::not_loaded && *by != LoadedBy::start) return to_be_loaded();
  const auto all = calls::call_provider<std::vector<ModelStatus>>(
      providers, target, stop, calls::Counts::no, [](const calls::PluginCall& call) {
        return call.server.capability<ModelManager>()->loaded(call.context);
      });
  if (!all) return unknown(all.error());
  const ModelStatus* const status = find_status(*all, model, *by);
  if (!status && *by == LoadedBy::start)
    return unknown(Error(ErrorCode::unsupported, "its server does not say which model answers"));
  if (!status) return to_be_loaded();
  const std::vector<std::string> found = differences(load, *status);
  if (found.empty()) return {{}, true};
  return {"'" + status->key + "' is in memory with other load settings than those of the configuration: " +
              base::listed(found, " and ") + "; " + how_to_reload(*by, status->instance, name_of(model)),
          true};
}

}  // namespace

std::optional<std::string> LoadAudit::known(const ResolvedModel& model,
                                            const calls::Providers& providers) const {
  if (model.load == LoadSettings{}) return std::string();
  const auto provider = providers.find(model.provider);
  if (!provider) return std::string();
  const bool loads = (*provider)->capability<ModelManager>() != nullptr;
  if (owns_its_models(**provider) && model.state == ModelState::not_loaded) return std::string();
  const LoadSettings load = for_server(model);
  if (load == LoadSettings{}) return std::string();
  if (!loads) return can_not_load_text(model, load);
  const std::lock_guard lock(mutex_);
  const auto found = sentences_.find(key_of(model));
  return found == sentences_.end() ? std::nullopt : std::optional(found->second);
}

std::string LoadAudit::find_out(const ResolvedModel& model, const calls::Providers& providers,
                                std::stop_token stop) {
  if (std::optional<std::string> already = known(model, providers)) return *std::move(already);
  Audited found = examine(model, for_server(model), providers, **providers.find(model.provider), stop);
  if (stop.stop_requested() || !found.lasting) return std::move(found.sentence);
  const std::lock_guard lock(mutex_);
  return sentences_.insert_or_assign(key_of(model), std::move(found.sentence)).first->second;
}

void LoadAudit::forget(std::string_view provider) {
  const std::string start = std::string(provider) + "::";
  const std::lock_guard lock(mutex_);
  std::erase_if(sentences_, [&](const auto& each) { return each.first.starts_with(start); });
}

}  // namespace tachikoma::models
