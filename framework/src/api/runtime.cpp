// SPDX-License-Identifier: MIT
#include "tachikoma/runtime.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include "api/runtime_parts.hpp"
#include "base/nearest.hpp"
#include "config/check_config.hpp"
#include "generate/generator.hpp"
#include "generate/start.hpp"

namespace tachikoma {
namespace {

Value milliseconds_or_null(const std::optional<std::chrono::milliseconds>& time) {
  return time ? Value(std::to_string(time->count()) + "ms") : Value();
}

Value as_config(const PolicyConfig& policy) {
  const RetryPolicy& retry = policy.retry;
  Value limits = Value::object();
  if (policy.limits.concurrency) limits.set("concurrency", *policy.limits.concurrency);
  if (policy.limits.requests_per_minute)
    limits.set("requests_per_minute", *policy.limits.requests_per_minute);
  return Value::object({{"retry", Value::object({{"attempts", retry.attempts},
                                                 {"backoff", milliseconds_or_null(retry.backoff)},
                                                 {"max_backoff", milliseconds_or_null(retry.max_backoff)}})},
                        {"limits", std::move(limits)}});
}

// The same object that a file with this one provider would hold, so that the same checks apply.
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
    if (*time) timeouts.set(name, milliseconds_or_null(*time));
  if (!timeouts.members().empty()) provider.set("timeouts", std::move(timeouts));
  if (settings.load != LoadSettings{}) provider.set("load", to_value(settings.load));
  Value config = Value::object();
  config.set("providers", Value::object({{settings.plugin, std::move(provider)}}));
  config.set("policy", as_config(settings.policy));
  const std::string model = settings.model.empty() ? settings.plugin + "::current" : settings.model;
  config.set("defaults", Value::object({{"model", model}}));
  return config;
}

// Warnings and errors to stderr, and every line once the config, whose reading may log, says `verbose`.
LogCallback log_as_configured(std::shared_ptr<const std::atomic<bool>> verbose) {
  return [verbose = std::move(verbose), log = log_to_stderr(Severity::debug)](
             Severity severity, std::string_view who, std::string_view text) {
    if (*verbose || severity >= Severity::warning) log(severity, who, text);
  };
}

}  // namespace

Runtime::Runtime(std::shared_ptr<RuntimeCore> core) : core_(std::move(core)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() {
  if (core_) core_->monitors.flush();
}

Result<Runtime> Runtime::open(std::string_view file, LogCallback log) {
  const auto verbose = std::make_shared<std::atomic<bool>>(false);
  PluginRegistry plugins({}, log ? std::move(log) : log_as_configured(verbose));
  Result<Config> config = load_config(file, plugins);
  if (!config) return std::move(config).error();
  *verbose = config->verbose;
  return from(std::move(*config), std::move(plugins));
}

Result<Runtime> Runtime::open() {
  const Result<std::string> file = find_config();
  if (!file) return file.error();
  return open(*file);
}

Result<Runtime> Runtime::from(Config config, PluginRegistry plugins) {
  for (const std::string& warning : config.warnings) plugins.log()(Severity::warning, "config", warning);
  plugins.allow(config.plugins.allow);
  auto core = RuntimeCore::make(std::move(config), std::move(plugins));
  if (Status made = core->make_components(); !made) return std::move(made).error();
  return Runtime(std::move(core));
}

Result<Runtime> Runtime::with(Settings settings, LogCallback log) {
  PluginRegistry plugins(std::move(settings.plugin_paths), std::move(log));
  Result<Config> config = config::check_config(as_config(settings), plugins, "settings");
  if (!config) return std::move(config).error();
  config->default_inference = std::move(settings.inference);
  return from(std::move(*config), std::move(plugins));
}

Result<std::optional<Runtime>> Runtime::auto_detect(LogCallback log) {
  Result<Runtime> runtime = with({}, std::move(log));
  if (!runtime) return std::move(runtime).error();
  const ProviderSlot& slot = runtime->core_->providers->all().front();
  const Result<Health> health = runtime->core_->providers->health(slot, {});
  if (health) return std::optional<Runtime>(std::move(*runtime));
  if (health.error().code == ErrorCode::unreachable) return std::optional<Runtime>();
  return health.error();
}

Result<Reply> Runtime::generate_text(TextRequest request) {
  return Generator::generate(core_, {std::move(request)}, {});
}
Result<Reply> Runtime::stream_text(TextRequest request, const DeltaCallback& on_delta) {
  return Generator::generate(core_, {std::move(request)}, on_delta);
}
Result<TextStream> Runtime::stream_text(TextRequest request) {
  return Generator::stream(core_, {std::move(request)});
}

void Runtime::stream_text_async(TextRequest request, DeltaCallback on_delta, ReplyCallback on_done) {
  engine::start(*core_, {std::move(request)}, std::move(on_delta), std::move(on_done));
}

std::future<Result<Reply>> Runtime::generate_text_future(TextRequest request) {
  const auto promise = std::make_shared<std::promise<Result<Reply>>>();
  std::future<Result<Reply>> future = promise->get_future();
  generate_text_async(std::move(request),
                      [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); });
  return future;
}

Result<ProviderHandle> Runtime::provider(std::string_view id) const {
  const Result<const ProviderSlot*> slot = core_->providers->find(id);
  if (!slot) return slot.error();
  return ProviderHandle(core_, std::string(id));
}

std::vector<std::string> Runtime::provider_ids() const {
  std::vector<std::string> ids;
  for (const ProviderSlot& slot : core_->providers->all()) ids.push_back(slot.id);
  return ids;
}

Result<std::shared_ptr<Tool>> Runtime::tool(std::string_view id) const {
  const auto found = core_->tools.find(id);
  if (found != core_->tools.end()) return found->second;
  std::vector<std::string> ids;
  for (const auto& [name, tool] : core_->tools) ids.push_back(name);
  return Error(ErrorCode::config_invalid, "no tool '" + std::string(id) + "' is configured",
               base::did_you_mean(base::nearest(id, ids)), Value::object({{"key", id}}));
}

ModelRegistry& Runtime::models() { return core_->models; }
PluginRegistry& Runtime::plugins() { return core_->plugins; }
const Config& Runtime::config() const { return core_->config; }

ProviderHandle::ProviderHandle(std::shared_ptr<RuntimeCore> core, std::string id)
    : core_(std::move(core)), id_(std::move(id)) {}

const std::string& ProviderHandle::id() const { return id_; }

Result<Health> ProviderHandle::health(std::stop_token stop) const {
  return core_->providers->health(**core_->providers->find(id_), std::move(stop));
}

Result<std::vector<ModelInfo>> ProviderHandle::list_models(std::stop_token stop) const {
  return core_->providers->list_models(**core_->providers->find(id_), std::move(stop));
}

Result<Reply> ProviderHandle::generate_text(TextRequest request) const {
  request.model = on_this(request.model);
  return Generator::generate(core_, {std::move(request)}, {});
}

Result<Reply> ProviderHandle::stream_text(TextRequest request, const DeltaCallback& on_delta) const {
  request.model = on_this(request.model);
  return Generator::generate(core_, {std::move(request)}, on_delta);
}

Result<TextStream> ProviderHandle::stream_text(TextRequest request) const {
  request.model = on_this(request.model);
  return Generator::stream(core_, {std::move(request)});
}

std::string ProviderHandle::on_this(std::string_view name) const {
  return id_ + "::" + std::string(name.empty() ? "current" : name);
}

}  // namespace tachikoma
