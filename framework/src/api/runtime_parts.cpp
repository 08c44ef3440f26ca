// SPDX-License-Identifier: MIT
#include "api/runtime_parts.hpp"

#include <thread>

#include "models/load_warnings.hpp"

namespace tachikoma {

std::shared_ptr<RuntimeCore> RuntimeCore::make(Config config, PluginRegistry plugins) {
  return {new RuntimeCore(std::move(config), std::move(plugins)), [](RuntimeCore* core) {
            if (InCallback::here())
              std::thread([core] { delete core; }).detach();
            else
              delete core;
          }};
}

RuntimeCore::RuntimeCore(Config checked, PluginRegistry registry)
    : config(std::move(checked)), plugins(std::move(registry)), models(nullptr), monitors(plugins.log()) {}

Status RuntimeCore::make_components() {
  for (const std::string& name : config.plugins.load)
    if (Status loaded = plugins.load(name); !loaded) return loaded;
  std::vector<ProviderSlot> slots;
  for (const ProviderConfig& each : config.providers) {
    Result<ProviderSlot> slot = make_slot(each);
    if (!slot) return std::move(slot).error();
    slots.push_back(*std::move(slot));
  }
  for (const ComponentConfig& each : config.tools) {
    auto tool = plugins.make_tool(each.plugin, each.settings, each.id);
    if (!tool) return std::move(tool).error();
    tools.emplace(each.id, std::move(*tool));
  }
  for (const ComponentConfig& each : config.monitors) {
    auto monitor = plugins.make_monitor(each.plugin, each.settings, each.id);
    if (!monitor) return std::move(monitor).error();
    monitors.add(each.id, std::move(*monitor));
  }
  providers = std::make_shared<const Providers>(std::move(slots), plugins.log());
  model_names = std::make_shared<ModelRegistry::Impl>(config, providers);
  models = ModelRegistry(model_names);
  if (plugins.log())
    for (const std::string& sentence : useless_load_settings(config, *providers))
      plugins.log()(Severity::warning, "config", sentence);
  return Done{};
}

// A provider with endpoints is a component for each of them, which differ in their `base_url`.
Result<ProviderSlot> RuntimeCore::make_slot(const ProviderConfig& provider) {
  ProviderSlot slot{
      .id = provider.id,
      .servers = {},
      .limits = clock_limits(provider.timeouts),
      .load = provider.load,
      .inference = provider.inference,
      .retry = config.policy.retry,
      .call_limits = {provider.limits.concurrency ? provider.limits.concurrency
                                                  : config.policy.limits.concurrency,
                      provider.limits.requests_per_minute ? provider.limits.requests_per_minute
                                                          : config.policy.limits.requests_per_minute},
      .eject_for = provider.eject_for,
      .plugin = provider.plugin};
  const auto add = [&](const Value& settings, const std::string& url) -> Status {
    auto made = plugins.make_provider(provider.plugin, settings, provider.id);
    if (!made) return std::move(made).error();
    slot.servers.push_back({*std::move(made), url});
    return Done{};
  };
  if (provider.endpoints.empty())
    if (Status added = add(provider.settings, {}); !added) return std::move(added).error();
  for (const std::string& url : provider.endpoints) {
    Value settings = provider.settings;
    settings.set("base_url", url);
    if (Status added = add(settings, url); !added) return std::move(added).error();
  }
  if (config.verbose && plugins.log())
    slot.logs = std::make_shared<ServerLogs>(provider.id, slot.servers, plugins.log());
  return slot;
}

}  // namespace tachikoma
