// SPDX-License-Identifier: MIT
#include "api/runtime_parts.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "async/started_calls.hpp"
#include "base/try.hpp"
#include "models/load_warnings.hpp"

namespace tachikoma {
namespace {

void log_warnings(const Config& config, const calls::Providers& providers) {
  if (!providers.log()) return;
  for (const std::string& sentence : useless_load_settings(config, providers))
    providers.log()(Severity::warning, "config", sentence);
}

}  // namespace

Result<TextStream> stream(const PartsInUse& parts, TextRequest request) {
  return parts->generator.stream({std::move(request)}, std::make_shared<const PartsInUse>(parts));
}

std::shared_ptr<RuntimeParts> RuntimeParts::make(Config config, PluginRegistry plugins,
                                                 Components components) {
  return {new RuntimeParts(std::move(config), std::move(plugins), std::move(components)),
          [](RuntimeParts* parts) {
            if (InCallback::here())
              std::thread([parts] { delete parts; }).detach();
            else
              delete parts;
          }};
}

RuntimeParts::RuntimeParts(Config config, PluginRegistry of, Components components)
    : plugins(std::move(of)),
      timer_(std::make_shared<Timer>()),
      machines_(config.memory, *timer_, plugins.log()),
      models([this] { return configured()->all.registry; }) {
  const auto checked = std::make_shared<const Config>(std::move(config));
  const auto providers =
      std::make_shared<const calls::Providers>(std::move(components.providers), plugins.log(), timer_);
  const auto registry = std::make_shared<ModelRegistry::Impl>(*checked, providers);
  configured_ = make_configured({{checked, providers, registry}, std::move(components)});
  configured_->residents.take_effect(nullptr);
  log_warnings(*checked, *providers);
}

RuntimeParts::~RuntimeParts() {
  ending_.request_stop();
  threads.started.wait_for_all();
  status_file_.reset();
  ends_ = true;
  configured_.reset();
}

PartsInUse RuntimeParts::use() { return {shared_from_this(), configured()}; }

std::shared_ptr<ConfiguredParts> RuntimeParts::configured() const {
  const std::lock_guard lock(mutex_);
  return configured_;
}

std::shared_ptr<ConfiguredParts> RuntimeParts::make_configured(const Candidate& candidate) {
  return {new ConfiguredParts(candidate.configuration, candidate.components, machines_, threads),
          [this](ConfiguredParts* parts) { retire(parts); }};
}

// Whose last call ends on a thread of a provider must not destroy that provider there.
void RuntimeParts::retire(ConfiguredParts* parts) {
  if (ends_) {
    delete parts;
    return;
  }
  try {
    retired_.run([parts] { delete parts; });
  } catch (const std::system_error&) {  // there is no other thread
    delete parts;
  }
}

void RuntimeParts::write_status_file() {
  status_file_ = StatusFile::make(
      configured()->config.file, [this] { return explain(); }, plugins.log());
}

void RuntimeParts::preload() {
  preloads_ = true;
  const auto parts = configured();
  const auto wanted = [](const ModelConfig& model) { return model.preload; };
  if (std::none_of(parts->config.models.begin(), parts->config.models.end(), wanted)) return;
  threads.lookups.run([this, parts] { parts->residents.preload(ending_.get_token()); });
}

}  // namespace tachikoma
