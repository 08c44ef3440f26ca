// SPDX-License-Identifier: MIT
#include "models/loading.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/lists.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "models/context_reduction.hpp"
#include "models/each_server.hpp"
#include "models/management.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {
namespace {

class Listener final : public LoadSink {
 public:
  Listener(const LoadCallback& callback, Relay& relay, const calls::PluginCall& call)
      : callback_(callback), relay_(relay), call_(call) {}

  Flow on_progress(double fraction) override {
    if (std::isnan(fraction)) return Flow::proceed;
    return relay_.pass(callback_, LoadEvent{.fraction = std::clamp(fraction, 0.0, 1.0)}, call_);
  }
  Flow on_notice(std::string_view text) override {
    notices_.emplace_back(text);
    return relay_.pass(callback_, LoadEvent{.notice = text}, call_);
  }

  // A provider may have reported a notice without listing it.
  void add_notices(LoadedModel& model) {
    for (std::string& notice : notices_)
      if (std::find(model.notices.begin(), model.notices.end(), notice) == model.notices.end())
        model.notices.push_back(std::move(notice));
  }

 private:
  const LoadCallback& callback_;
  Relay& relay_;
  const calls::PluginCall& call_;
  std::vector<std::string> notices_;
};

Sourced<std::int64_t> max_context(const calls::Providers& providers, const calls::CallTarget& target,
                                  const std::string& key, const std::stop_token& stop) {
  const Result<std::vector<ModelInfo>> models = providers.list_models(target, stop);
  if (!models) return base::unknown(models.error().message);
  for (const ModelInfo& info : *models)
    if (info.key == key) return info.max_context_length;
  return base::unknown("'" + target.provider->id + "' does not list the model");
}

// Without retries: nobody knows whether a load that was lost on the way happened.
Result<LoadedModel> load_once(calls::BlockingRequest& request, const calls::CallTarget& target,
                              const LoadRequest& load, const LoadCallback& on_event, Relay& relay) {
  const auto load_there = [load, &on_event, &relay](const calls::PluginCall& call) {
    Listener listener(on_event, relay, call);
    Result<LoadedModel> model = call.server.capability<ModelManager>()->load(load, listener, call.context);
    if (model) listener.add_notices(*model);
    return model;
  };
  return request.call<LoadedModel>(target.once(), calls::Counts::no, load_there);
}

Result<MemoryEstimate> estimate_on(calls::BlockingRequest& request, const calls::CallTarget& target,
                                   const LoadRequest& load) {
  return request.call<MemoryEstimate>(target, calls::Counts::no, [load](const calls::PluginCall& call) {
    return call.server.capability<ModelManager>()->estimate(load, call.context);
  });
}

// That the model had been in memory before.
void add_notice_of_others(const calls::Providers& providers, const calls::CallTarget& target,
                          const std::stop_token& stop, LoadedModel& loaded) {
  const Result<std::vector<ModelInfo>> models = providers.list_models(target, stop);
  std::vector<std::string> others;
  if (models)
    for (const ModelInfo& info : *models)
      if (info.key == loaded.key)
        for (const ModelInstance& each : info.instances)
          if (each.id != loaded.instance) others.push_back(each.id);
  if (others.empty()) return;
  loaded.notices.push_back("'" + loaded.key + "' was in memory already, as " + base::quoted_list(others) +
                           "; it is loaded once more, as '" + loaded.instance + "'");
}

// The settings of a load, merged over those of the config; a program's own are checked first.
Result<LoadSettings> complete(LoadSettings settings, const LoadSettings& under) {
  if (Result<LoadSettings> checked = read_load_settings(to_value(settings)); !checked)
    return Error(ErrorCode::invalid_argument, checked.error().message, checked.error().hint);
  return merged(std::move(settings), under);
}

}  // namespace

Result<LoadedModel> carry_out(const ServerLoad& load) {
  const auto& [providers, request, there, model, on_event, relay, stop] = load;
  const std::string& key = model.key;
  const auto load_with = [&](const LoadSettings& some) {
    return load_once(request, there, {key, some}, on_event, relay);
  };
  const auto estimate = [&](const LoadSettings& some) { return estimate_on(request, there, {key, some}); };
  const auto notify = [&](const std::string& text) { relay.pass(on_event, LoadEvent{.notice = text}); };
  return load_reducing(key, model.settings,
                       {.estimate = estimate,
                        .load = load_with,
                        .max_context = [&] { return max_context(providers, there, key, stop); },
                        .notify = notify});
}

Result<LoadedModel> Management::load(std::string_view name, LoadSettings settings,
                                     const LoadCallback& on_event, std::stop_token stop) const {
  TACHIKOMA_TRY(const ManagedModel asked, find(name, stop, "load models"));
  TACHIKOMA_TRY(LoadSettings whole, complete(std::move(settings), asked.model.load));
  const LoadRequest wanted{asked.model.key, std::move(whole)};
  const calls::CallTarget target(*asked.provider);
  calls::BlockingRequest request(providers_, target, stop);
  Relay relay(request);
  const auto load_on = [&](calls::Server& server) {
    const calls::CallTarget there = target.on(server);
    const auto load = [&](const Residents::GotFurther& got_further) {
      const LoadCallback tell = [&](const LoadEvent& event) {
        if (event.notice.empty()) got_further(event.fraction);
        return on_event ? on_event(event) : Flow::proceed;
      };
      return carry_out({providers_, request, there, wanted, tell, relay, stop});
    };
    Result<LoadedModel> loaded = residents_.load(server, asked.model, wanted.settings, stop, load);
    if (loaded) add_notice_of_others(providers_, there, stop, *loaded);
    return loaded;
  };
  std::optional<LoadedModel> first;
  const auto take = [&](const calls::Server& server, LoadedModel model) {
    if (first)
      first->notices.push_back("it was loaded on '" + server.url() + "' too, as '" + model.instance + "'");
    else
      first = std::move(model);
  };
  const Status done = on_each_server<LoadedModel>(request, *asked.provider, load_on, take);
  registry_.forget_list(asked.provider->id);
  relay.rethrow();
  if (!done) return done.error();
  if (!asked.model.notice.empty()) first->notices.push_back(asked.model.notice);
  return *std::move(first);
}

Result<MemoryEstimate> Management::estimate(std::string_view name, LoadSettings settings,
                                            std::stop_token stop) const {
  TACHIKOMA_TRY(const ManagedModel asked, find(name, stop, "estimate the memory of a load"));
  TACHIKOMA_TRY(LoadSettings whole, complete(std::move(settings), asked.model.load));
  whole.context_size_reduction.reset();
  whole.min_context_length.reset();
  calls::BlockingRequest request(providers_, *asked.provider, std::move(stop));
  return estimate_on(request, *asked.provider, {asked.model.key, std::move(whole)});
}

}  // namespace tachikoma::models
