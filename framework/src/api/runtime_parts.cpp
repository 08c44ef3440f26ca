// SPDX-License-Identifier: MIT
#include "api/runtime_parts.hpp"

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

#include "base/try.hpp"
#include "diagnose/server_logs.hpp"
#include "models/load_warnings.hpp"

namespace tachikoma {
namespace {

// A provider with endpoints has one component per endpoint; they differ in `base_url`.
Result<std::vector<calls::ServerComponent>> make_servers(const ProviderConfig& provider,
                                                         PluginRegistry& plugins) {
  std::vector<calls::ServerComponent> servers;
  const auto add = [&](const Value& settings, const std::string& url) -> Status {
    TACHIKOMA_TRY(auto made, plugins.make_provider(provider.plugin, settings, provider.id));
    servers.push_back({std::move(made), url});
    return Done{};
  };
  if (provider.endpoints.empty()) TACHIKOMA_TRY_STATUS(add(provider.settings, {}));
  for (const std::string& url : provider.endpoints) {
    Value settings = provider.settings;
    settings.set("base_url", url);
    TACHIKOMA_TRY_STATUS(add(settings, url));
  }
  return servers;
}

// Without an address, and with 'auto', a server is started or searched here.
bool is_here(std::string_view url) {
  if (url.empty() || url == "auto") return true;
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  const std::string_view host = url.substr(0, url.find_first_of(url.starts_with('[') ? "]/" : ":/"));
  return host == "localhost" || host == "[::1" || host.starts_with("127.");
}

bool is_here(const ProviderConfig& provider) {
  if (provider.endpoints.empty()) return is_here(provider.settings["base_url"].as_string());
  return std::all_of(provider.endpoints.begin(), provider.endpoints.end(),
                     [](const std::string& url) { return is_here(url); });
}

Result<calls::ProviderSetup> make_setup(const ProviderConfig& provider, const Config& config,
                                        PluginRegistry& plugins) {
  TACHIKOMA_TRY(std::vector<calls::ServerComponent> servers, make_servers(provider, plugins));
  const CallLimits& general = config.policy.limits;
  const CallLimits& own = provider.limits;
  calls::ProviderSetup setup{
      .id = provider.id,
      .components = std::move(servers),
      .policy = {.clocks = clock_limits(provider.timeouts),
                 .retry = config.policy.retry,
                 .answer = config.policy.answer},
      .load = provider.load,
      .inference = provider.inference,
      .limits = {own.concurrency ? own.concurrency : general.concurrency,
                 own.requests_per_minute ? own.requests_per_minute : general.requests_per_minute},
      .eject_for = provider.eject_for,
      .plugin = provider.plugin,
      .here = is_here(provider)};
  if (config.verbose && plugins.log())
    setup.before_call = [logs = std::make_shared<diagnose::ServerLogs>(provider.id, setup.components,
                                                                       plugins.log())] { logs->follow(); };
  return setup;
}

}  // namespace

Result<Components> make_components(const Config& config, PluginRegistry& plugins) {
  for (const std::string& name : config.plugins.load) TACHIKOMA_TRY_STATUS(plugins.load(name));
  Components components;
  for (const ProviderConfig& each : config.providers) {
    TACHIKOMA_TRY(calls::ProviderSetup setup, make_setup(each, config, plugins));
    components.providers.push_back(std::move(setup));
  }
  for (const ComponentConfig& each : config.tools) {
    TACHIKOMA_TRY(auto tool, plugins.make_tool(each.plugin, each.settings, each.id));
    components.tools.emplace(each.id, std::move(tool));
  }
  for (const ComponentConfig& each : config.monitors) {
    TACHIKOMA_TRY(auto monitor, plugins.make_monitor(each.plugin, each.settings, each.id));
    components.monitors.emplace_back(each.id, std::move(monitor));
  }
  return components;
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

void RuntimeParts::write_status_file() {
  status_file_ = StatusFile::make(
      config.file, [this] { return residents.explain(); }, plugins.log());
}

RuntimeParts::RuntimeParts(Config checked, PluginRegistry of, Components components)
    : config(std::move(checked)),
      plugins(std::move(of)),
      providers(std::make_shared<const calls::Providers>(std::move(components.providers), plugins.log())),
      registry(std::make_shared<ModelRegistry::Impl>(config, providers)),
      models(registry),
      residents(config, *providers, *registry),
      management(*providers, *registry, residents),
      tools(std::move(components.tools)),
      monitors(plugins.log()),
      for_calls{*providers, *registry, residents, monitors, threads},
      generator(for_calls) {
  for (auto& [id, monitor] : components.monitors) monitors.add(id, std::move(monitor));
  if (plugins.log())
    for (const std::string& sentence : useless_load_settings(config, *providers))
      plugins.log()(Severity::warning, "config", sentence);
}

void RuntimeParts::preload() {
  const auto wanted = [](const ModelConfig& model) { return model.preload; };
  if (std::none_of(config.models.begin(), config.models.end(), wanted)) return;
  threads.lookups.run([this] { residents.preload(ending.get_token()); });
}

}  // namespace tachikoma
