// SPDX-License-Identifier: MIT
#include "tachikoma/runtime.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include "api/runtime_parts.hpp"
#include "base/durations.hpp"
#include "base/generation_settings.hpp"
#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/try.hpp"
#include "config/check_config.hpp"
#include "generate/embedding.hpp"
#include "generate/structured_output.hpp"
#include "plugins/host_log.hpp"

namespace tachikoma {
namespace {

Value text_or_null(const std::optional<std::chrono::milliseconds>& time) {
  return time ? Value(base::duration_text(*time)) : Value();
}

Value as_config(const PolicyConfig& policy) {
  const RetryPolicy& retry = policy.retry;
  const AnswerLimits& answer = policy.answer;
  Value limits = Value::object();
  if (policy.limits.concurrency) limits.set("concurrency", *policy.limits.concurrency);
  if (policy.limits.requests_per_minute)
    limits.set("requests_per_minute", *policy.limits.requests_per_minute);
  return Value::object({{"retry", Value::object({{"attempts", retry.attempts},
                                                 {"backoff", text_or_null(retry.backoff)},
                                                 {"max_backoff", text_or_null(retry.max_backoff)}})},
                        {"limits", std::move(limits)},
                        {"answer", Value::object({{"text", answer.text},
                                                  {"reasoning", answer.reasoning},
                                                  {"arguments", answer.arguments},
                                                  {"tool_calls", answer.tool_calls}})}});
}

Value as_config(const MemoryConfig& memory) {
  Value config = Value::object({{"headroom", memory.headroom}, {"patience", text_or_null(memory.patience)}});
  for (const auto& [name, number] : {std::pair{"ram", &memory.ram}, std::pair{"vram", &memory.vram},
                                     std::pair{"max_instances", &memory.max_instances}})
    if (*number) config.set(name, **number);
  return config;
}

Value as_config(const CacheConfig& cache) {
  Value config = Value::object({{"enabled", cache.enabled},
                                {"ttl", text_or_null(cache.ttl)},
                                {"max_size", cache.max_size},
                                {"replay_timing", cache.replay_timing}});
  if (!cache.file.empty()) config.set("file", cache.file);
  return config;
}

// The object that a file with this one provider would contain, so that the same checks apply.
Value as_config(const Settings& settings) {
  Value provider = Value::object({{"plugin", settings.plugin}});
  if (!settings.base_url.empty()) provider.set("base_url", settings.base_url);
  if (!settings.api_key.empty()) provider.set("api_key", settings.api_key);
  for (const auto& [name, value] : settings.headers) {
    if (!provider.find("headers")) provider.set("headers", Value::object());
    provider.find("headers")->set(name, value);
  }
  Value timeouts = Value::object();
  const Timeouts& clocks = settings.timeouts;
  for (const auto& [name, time] :
       {std::pair{"connect", &clocks.connect}, std::pair{"load", &clocks.load},
        std::pair{"first_token", &clocks.first_token}, std::pair{"between_tokens", &clocks.between_tokens},
        std::pair{"total", &clocks.total}})
    if (*time) timeouts.set(name, text_or_null(*time));
  if (!timeouts.members().empty()) provider.set("timeouts", std::move(timeouts));
  if (settings.load != LoadSettings{}) provider.set("load", to_value(settings.load));
  Value config = Value::object();
  config.set("providers", Value::object({{settings.plugin, std::move(provider)}}));
  config.set("policy", as_config(settings.policy));
  config.set("memory", as_config(settings.memory));
  if (settings.cache != CacheConfig{}) config.set("cache", as_config(settings.cache));
  const std::string model = settings.model.empty() ? settings.plugin + "::current" : settings.model;
  Value defaults = Value::object({{"model", model}});
  if (Value inference = base::to_value(settings.inference); !inference.members().empty())
    defaults.set("inference", std::move(inference));
  config.set("defaults", std::move(defaults));
  return config;
}

}  // namespace

Runtime::Runtime(std::shared_ptr<RuntimeParts> parts) : parts_(std::move(parts)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() {
  if (parts_) parts_->configured()->monitors.flush();
}

Result<Runtime> Runtime::open(OpenOptions options) {
  if (!options.file) {
    TACHIKOMA_TRY(options.file, find_config());
  }
  const auto minimum = std::make_shared<std::atomic<Severity>>(Severity::warning);
  PluginRegistry plugins(std::move(options.plugin_paths),
                         options.log ? std::move(options.log) : plugins::log_to_stderr(minimum));
  TACHIKOMA_TRY(Config config, load_config(*options.file, plugins));
  const auto follow = [minimum](bool verbose) { *minimum = verbose ? Severity::debug : Severity::warning; };
  follow(config.verbose);
  TACHIKOMA_TRY(Runtime runtime, make(std::move(config), std::move(plugins)));
  runtime.parts_->follow_verbose(follow);
  if (options.status_file) runtime.parts_->write_status_file();
  if (options.preload) runtime.parts_->preload();
  return runtime;
}

Result<Runtime> Runtime::open(std::string_view file, LogCallback log) {
  return open({.file = std::string(file), .log = std::move(log)});
}

Result<Runtime> Runtime::open() { return open(OpenOptions{}); }

Result<Runtime> Runtime::from(Config config, PluginRegistry plugins) {
  TACHIKOMA_TRY(Runtime runtime, make(std::move(config), std::move(plugins)));
  runtime.parts_->preload();
  return runtime;
}

Result<Runtime> Runtime::make(Config config, PluginRegistry plugins) {
  for (const std::string& warning : config.warnings) plugins.log()(Severity::warning, "config", warning);
  plugins.allow(config.plugins.allow);
  TACHIKOMA_TRY(Components components, make_components(config, plugins));
  return Runtime(RuntimeParts::make(std::move(config), std::move(plugins), std::move(components)));
}

Result<Runtime> Runtime::with(Settings settings, LogCallback log) {
  PluginRegistry plugins(std::move(settings.plugin_paths), std::move(log));
  TACHIKOMA_TRY(Config config, config::check_config(as_config(settings), plugins, "settings"));
  TACHIKOMA_TRY(Runtime runtime, make(std::move(config), std::move(plugins)));
  if (settings.status_file) runtime.parts_->write_status_file();
  return runtime;
}

Result<std::optional<Runtime>> Runtime::auto_detect(LogCallback log, std::vector<std::string> plugin_paths,
                                                    bool status_file) {
  TACHIKOMA_TRY(Runtime runtime,
                with({.plugin_paths = std::move(plugin_paths), .status_file = status_file}, std::move(log)));
  const auto parts = runtime.parts_->configured();
  const calls::Providers& providers = parts->providers;
  const Result<Health> health = providers.health(providers.all().front(), {});
  if (health) return std::optional<Runtime>(std::move(runtime));
  if (health.error().code == ErrorCode::unreachable) return std::optional<Runtime>();
  return health.error();
}

// A callback may destroy the runtime that called it: each call keeps the parts that it uses alive.

Result<Reply> Runtime::generate_text(TextRequest request) {
  const PartsInUse parts = parts_->use();
  return parts->generator.generate({std::move(request)}, {});
}
Result<Reply> Runtime::stream_text(TextRequest request, const DeltaCallback& on_delta) {
  const PartsInUse parts = parts_->use();
  return parts->generator.generate({std::move(request)}, on_delta);
}
Result<TextStream> Runtime::stream_text(TextRequest request) {
  return stream(parts_->use(), std::move(request));
}

void Runtime::stream_text_async(TextRequest request, DeltaCallback on_delta, ReplyCallback on_done) {
  const PartsInUse parts = parts_->use();
  parts->generator.start({std::move(request)}, std::move(on_delta), std::move(on_done), parts.configured);
}

std::future<Result<Reply>> Runtime::generate_text_future(TextRequest request) {
  const auto promise = std::make_shared<std::promise<Result<Reply>>>();
  std::future<Result<Reply>> future = promise->get_future();
  generate_text_async(std::move(request),
                      [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); });
  return future;
}

Result<ObjectReply<Value>> Runtime::generate_object(TextRequest request, const Value& schema) {
  return stream_object(std::move(request), schema, {});
}
Result<ObjectReply<Value>> Runtime::stream_object(TextRequest request, const Value& schema,
                                                  const PartialCallback& on_partial) {
  const PartsInUse parts = parts_->use();
  const auto ask = [&](TextRequest once, const DeltaCallback& on_delta) {
    return parts->generator.generate({std::move(once), schema}, on_delta);
  };
  return tachikoma::generate_object(ask, std::move(request), schema, on_partial);
}

Result<EmbeddingReply> Runtime::embed(EmbeddingRequest request) {
  return tachikoma::embed(parts_->use()->for_calls, std::move(request));
}
Result<Sourced<std::int64_t>> Runtime::count_tokens(const TextRequest& request) {
  return tachikoma::count_tokens(parts_->use()->for_calls, request);
}
Result<Sourced<std::int64_t>> Runtime::count_tokens(std::string_view model, std::string_view text,
                                                    std::stop_token stop) {
  return tachikoma::count_tokens(parts_->use()->for_calls, model, text, std::move(stop));
}

Result<LoadedModel> Runtime::load_model(std::string_view name, LoadSettings settings,
                                        const LoadCallback& on_event, std::stop_token stop) {
  const PartsInUse parts = parts_->use();
  return parts->management.load(name, std::move(settings), on_event, std::move(stop));
}
Result<std::vector<std::string>> Runtime::unload_model(std::string_view name, std::stop_token stop) {
  return parts_->use()->management.unload(name, std::move(stop));
}
Result<ModelStatus> Runtime::model_status(std::string_view name, std::stop_token stop) {
  return parts_->use()->management.status(name, std::move(stop));
}
Result<MemoryEstimate> Runtime::estimate_load(std::string_view name, LoadSettings settings,
                                              std::stop_token stop) {
  return parts_->use()->management.estimate(name, std::move(settings), std::move(stop));
}
LoadedListing Runtime::loaded_models(std::stop_token stop) {
  return parts_->use()->management.loaded_anywhere(std::move(stop));
}
MemoryReport Runtime::explain() const { return parts_->explain(); }

Result<Reload> Runtime::reload() { return parts_->reload(RuntimeParts::Reloading::applied); }
Result<Reload> Runtime::plan_reload() { return parts_->reload(RuntimeParts::Reloading::planned); }

Result<ProviderHandle> Runtime::provider(std::string_view id) const {
  TACHIKOMA_TRY_STATUS(parts_->configured()->providers.find(id));
  return ProviderHandle(parts_, std::string(id));
}

std::vector<std::string> Runtime::provider_ids() const {
  return base::texts_of(parts_->configured()->providers.all(), &calls::ConfiguredProvider::id);
}

Result<std::shared_ptr<Tool>> Runtime::tool(std::string_view id) const {
  const auto parts = parts_->configured();
  const auto found = parts->tools.find(id);
  if (found != parts->tools.end()) return found->second;
  return base::not_configured("tool", id,
                              base::texts_of(parts->tools, [](const auto& each) { return each.first; }));
}

ModelRegistry& Runtime::models() { return parts_->models; }
PluginRegistry& Runtime::plugins() { return parts_->plugins; }
Config Runtime::config() const { return parts_->configured()->config; }

}  // namespace tachikoma
