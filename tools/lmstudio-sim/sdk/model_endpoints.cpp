// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "sdk/kv_config.hpp"
#include "sdk/model_info.hpp"

namespace lmstudio_sim {

namespace {

constexpr std::chrono::milliseconds kStep{50};

// A positive number of milliseconds, or null for none. False for anything else.
bool read_ttl(const JsonValue& value, std::optional<std::chrono::milliseconds>& ttl) {
  if (value.is_null()) return true;
  if (value.as_integer() < 1) return false;
  ttl = std::chrono::milliseconds(value.as_integer());
  return true;
}

std::string percent(double progress) { return std::to_string(static_cast<int>(progress * 100)) + " %"; }

SdkError cancelled() { return {.title = "Operation canceled."}; }

// Releases the memory before the client hears of the end.
void give_up(SdkChannel& channel, const Instance& instance, double progress, const SdkError* error) {
  SimulatorState& simulator = channel.simulator();
  simulator.loaded_models.unload(instance.reference);
  simulator.journal.note(channel.id(), "the load of " + instance.id + " ended at " + percent(progress) +
                                           "; its memory was released");
  if (error) channel.fail(*error);
}

// Reports the progress of a load until it ends. Nothing when it failed, was cancelled, or the client left.
std::optional<Instance> follow(SdkChannel& channel, const ModelSpec& model, const Instance& instance,
                               const char* message) {
  const std::int64_t steps = std::clamp<std::int64_t>(model.load_time / kStep, 4, 100);
  const auto make_step = [&] {
    return channel.simulator().loaded_models.wait(
        instance.reference, LoadedModels::Part::load, model.load_time / steps,
        [&](std::chrono::microseconds time) { return channel.wait(time); });
  };
  for (std::int64_t step = 0; step <= steps; ++step) {
    const double progress = static_cast<double>(step) / static_cast<double>(steps);
    if (!model.load_error.empty() && progress >= model.load_fails_at) {
      const SdkError error{.title = "Failed to load model \"" + model.key + "\"", .cause = model.load_error};
      give_up(channel, instance, progress, &error);
      return std::nullopt;
    }
    const bool told = channel.send(JsonValue::object({{"type", message}, {"progress", progress}}));
    const bool goes_on = told && (step == steps || make_step());
    if (goes_on) continue;
    const SdkError end = cancelled();
    const bool says_so = channel.stopped() && !channel.simulator().script.websocket.cancel_closes;
    give_up(channel, instance, progress, says_so ? &end : nullptr);
    return std::nullopt;
  }
  std::optional<Instance> loaded = channel.simulator().loaded_models.finish_load(instance.reference);
  if (!loaded) channel.fail({.title = std::string(kUnloaded)});
  return loaded;
}

SdkError refusal(const SimulatorState& simulator, const ModelSpec& model, const LoadOptions& options,
                 LoadProblem problem) {
  if (problem == LoadProblem::identifier_taken)
    return {.title = "Model with identifier \"" + *options.identifier + "\" is already loaded",
            .suggestion = "Use another identifier, or unload that model first."};
  const JsonValue settings = effective_settings(simulator.script, model, options.settings);
  return {.title = guardrail_text(memory_need(model, settings).total())};
}

// Starts a load; sends the error when that fails.
std::optional<Instance> start(SdkChannel& channel, const ModelSpec& model, const LoadOptions& options) {
  auto started = channel.simulator().loaded_models.start_load(model, options);
  if (const auto* problem = std::get_if<LoadProblem>(&started)) {
    channel.fail(refusal(channel.simulator(), model, options, *problem));
    return std::nullopt;
  }
  return std::get<Instance>(std::move(started));
}

bool load_model(SdkChannel& channel) {
  const JsonValue& parameter = channel.parameter();
  const std::optional<JsonValue> requested = read_kv_stack(parameter["loadConfigStack"]);
  const JsonValue& identifier = parameter["identifier"];
  LoadOptions options;
  if (!parameter["modelKey"].is_string() || !requested || !read_ttl(parameter["ttlMs"], options.ttl))
    return false;
  if (!identifier.is_null() && !identifier.is_string()) return false;
  options.settings = *requested;
  if (identifier.is_string()) options.identifier = identifier.as_string();
  const auto named = find_model(channel.simulator(), channel.space(), parameter["modelKey"].as_string());
  if (const auto* error = std::get_if<SdkError>(&named)) {
    channel.fail(*error);
    return true;
  }
  const auto& [model, ambiguous] = std::get<NamedModel>(named);
  JsonValue resolved = JsonValue::object({{"type", "resolved"}, {"info", model_info(*model)}});
  for (const std::string& key : ambiguous) {
    if (!resolved.find("ambiguous")) resolved.set("ambiguous", JsonValue::array());
    resolved.find("ambiguous")->push_back(key);
  }
  if (!channel.send(resolved)) return true;
  const std::optional<Instance> started = start(channel, *model, options);
  if (!started) return true;
  if (const auto loaded = follow(channel, *model, *started, "progress"))
    channel.send(JsonValue::object({{"type", "success"}, {"info", instance_info(*model, *loaded)}}));
  return true;
}

bool report_already_loaded(SdkChannel& channel, std::string_view name) {
  for (const Instance& each : loaded_in(channel.simulator(), channel.space())) {
    if (each.id != name) continue;
    const ModelSpec& model = *channel.simulator().library.find_offer(each.key);
    channel.send(JsonValue::object({{"type", "alreadyLoaded"}, {"info", instance_info(model, each)}}));
    return true;
  }
  return false;
}

// Loads as a request would: models that other requests have loaded are evicted.
bool get_or_load(SdkChannel& channel) {
  const JsonValue& parameter = channel.parameter();
  const std::optional<JsonValue> requested = read_kv_stack(parameter["loadConfigStack"]);
  LoadOptions options{.jit = true};
  if (!parameter["identifier"].is_string() || !requested || !read_ttl(parameter["loadTtlMs"], options.ttl))
    return false;
  const std::string_view name = parameter["identifier"].as_string();
  if (report_already_loaded(channel, name)) return true;
  options.settings = *requested;
  SimulatorState& simulator = channel.simulator();
  const auto named = find_model(simulator, channel.space(), name);
  if (const auto* error = std::get_if<SdkError>(&named)) {
    channel.fail(*error);
    return true;
  }
  const ModelSpec& model = *std::get<NamedModel>(named).model;
  for (const Instance& gone : simulator.loaded_models.evict())
    channel.send(JsonValue::object({{"type", "unloadingOtherJITModel"},
                                    {"info", instance_info(*simulator.library.find_offer(gone.key), gone)}}));
  const std::optional<Instance> started = start(channel, model, options);
  if (!started) return true;
  channel.send(JsonValue::object(
      {{"type", "startLoading"}, {"identifier", started->id}, {"info", model_info(model)}}));
  if (const auto loaded = follow(channel, model, *started, "loadProgress"))
    channel.send(JsonValue::object({{"type", "loadSuccess"}, {"info", instance_info(model, *loaded)}}));
  return true;
}

std::optional<RpcOutcome> unload_model(const SdkCall& call) {
  if (!call.parameter["identifier"].is_string()) return std::nullopt;
  const std::string_view identifier = call.parameter["identifier"].as_string();
  for (const Instance& each : loaded_in(call.simulator, call.space))
    if (each.id == identifier && call.simulator.loaded_models.unload(each.reference)) return JsonValue();
  return identifier_not_found(call.simulator, call.space, identifier);
}

std::optional<RpcOutcome> list_loaded(const SdkCall& call) {
  JsonValue list = JsonValue::array();
  for (const Instance& each : loaded_in(call.simulator, call.space))
    list.push_back(instance_info(*call.simulator.library.find_offer(each.key), each));
  return list;
}

// Answers a call about the model of its specifier. A missing model is an error unless the call says
// otherwise.
template <typename Describe>
std::optional<RpcOutcome> about_loaded(const SdkCall& call, Describe describe) {
  const JsonValue& specifier = call.parameter["specifier"];
  if (!is_specifier(specifier)) return std::nullopt;
  auto found = find_loaded(call.simulator, call.space, specifier);
  if (const auto* served = std::get_if<Served>(&found)) return describe(*served);
  if (!call.parameter["throwIfNotFound"].as_bool(true)) return JsonValue();
  return std::get<SdkError>(std::move(found));
}

std::optional<RpcOutcome> get_model_info(const SdkCall& call) {
  if (!call.parameter["throwIfNotFound"].is_bool()) return std::nullopt;
  return about_loaded(call,
                      [](const Served& served) { return instance_info(*served.model, served.instance); });
}

std::optional<RpcOutcome> get_load_config(const SdkCall& call) {
  return about_loaded(call, [](const Served& served) { return kv_config(served.instance.settings); });
}

std::optional<RpcOutcome> get_processing_state(const SdkCall& call) {
  return about_loaded(call, [](const Served& served) {
    const auto has = [&](Work kind) { return served.instance.count(kind) > 0; };
    return JsonValue::object({{"status", has(Work::generating)  ? "generating"
                                         : has(Work::prompt)    ? "processingPrompt"
                                         : has(Work::embedding) ? "computingEmbedding"
                                                                : "idle"},
                              {"queued", served.instance.count(Work::queued)}});
  });
}

std::optional<RpcOutcome> estimate_model_usage(const SdkCall& call) {
  const std::optional<JsonValue> requested = read_kv_stack(call.parameter["loadConfigStack"]);
  if (!call.parameter["modelKey"].is_string() || !requested) return std::nullopt;
  auto named = find_model(call.simulator, call.space, call.parameter["modelKey"].as_string());
  if (auto* error = std::get_if<SdkError>(&named)) return std::move(*error);
  const auto [need, passes] =
      call.simulator.loaded_models.estimate(*std::get<NamedModel>(named).model, *requested);
  JsonValue memory = JsonValue::object({{"confidence", "high"},
                                        {"modelVramBytes", need.model_vram},
                                        {"contextVramBytes", need.context_vram},
                                        {"totalVramBytes", need.model_vram + need.context_vram},
                                        {"modelBytes", need.model},
                                        {"contextBytes", need.context},
                                        {"totalBytes", need.total()}});
  return JsonValue::object({{"memory", std::move(memory)}, {"passesGuardrails", passes}});
}

constexpr std::array<SdkEndpoint, 8> endpoints_of(std::string_view space) {
  return {{{space, "loadModel", nullptr, load_model},
           {space, "getOrLoad", nullptr, get_or_load},
           {space, "unloadModel", unload_model},
           {space, "listLoaded", list_loaded},
           {space, "getModelInfo", get_model_info},
           {space, "getLoadConfig", get_load_config},
           {space, "getInstanceProcessingState", get_processing_state},
           {space, "estimateModelUsage", estimate_model_usage}}};
}

constexpr auto kModelEndpoints = [] {
  constexpr auto language = endpoints_of("llm");
  constexpr auto embedding = endpoints_of("embedding");
  std::array<SdkEndpoint, language.size() + embedding.size()> all;
  std::ranges::copy(embedding, std::ranges::copy(language, all.begin()).out);
  return all;
}();

}  // namespace

std::span<const SdkEndpoint> model_endpoints() { return kModelEndpoints; }

}  // namespace lmstudio_sim
