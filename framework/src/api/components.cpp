// SPDX-License-Identifier: MIT
#include "api/components.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/secrets.hpp"
#include "base/try.hpp"
#include "cache/response_cache.hpp"
#include "calls/recorded_provider.hpp"
#include "calls/replayed_provider.hpp"
#include "config/secret_texts.hpp"
#include "diagnose/server_logs.hpp"

namespace tachikoma {
namespace {

// A provider with endpoints has one component per endpoint; they differ in `base_url`.
Result<std::vector<calls::ServerComponent>> make_servers(const ProviderConfig& provider,
                                                         PluginRegistry& plugins) {
  std::vector<calls::ServerComponent> servers;
  const auto add = [&](const Value& settings, const std::string& url) -> Status {
    TACHIKOMA_TRY(auto made, plugins.make_provider(provider.plugin, settings, provider.id));
    const std::string_view address = settings["base_url"].as_string();
    servers.push_back({std::move(made), url, address == "auto" ? "" : base::without_url_secrets(address)});
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

// All of its servers write to one cassette.
Status record(std::vector<calls::ServerComponent>& servers, const ProviderConfig& provider,
              const Config& config) {
  TACHIKOMA_TRY(const std::shared_ptr<calls::CassetteWriter> writer,
                calls::CassetteWriter::open(
                    provider.record, calls::head_of(*servers.front().provider, provider.id, provider.plugin),
                    config::secret_texts(config)));
  for (calls::ServerComponent& server : servers)
    server.provider = std::make_shared<calls::RecordedProvider>(std::move(server.provider), writer);
  return Done{};
}

Result<std::vector<calls::ServerComponent>> make_replay(const ProviderConfig& provider, const Config& config,
                                                        PluginRegistry& plugins) {
  TACHIKOMA_TRY(calls::Cassette cassette, calls::Cassette::read(provider.replay->file));
  std::vector<calls::ServerComponent> servers(1);
  servers.front().provider = std::make_shared<calls::ReplayedProvider>(
      std::move(cassette), *provider.replay, config::secret_texts(config), plugins.log());
  return servers;
}

Result<std::vector<calls::ServerComponent>> make_or_replay(const ProviderConfig& provider,
                                                           const Config& config, PluginRegistry& plugins) {
  if (provider.replay) return make_replay(provider, config, plugins);
  TACHIKOMA_TRY(std::vector<calls::ServerComponent> servers, make_servers(provider, plugins));
  if (!provider.record.empty()) TACHIKOMA_TRY_STATUS(record(servers, provider, config));
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
  if (provider.replay) return false;
  if (provider.endpoints.empty()) return is_here(provider.settings["base_url"].as_string());
  return std::all_of(provider.endpoints.begin(), provider.endpoints.end(),
                     [](const std::string& url) { return is_here(url); });
}

CallLimits limits_of(const ProviderConfig& provider, const Config& config) {
  const CallLimits& general = config.policy.limits;
  const CallLimits& own = provider.limits;
  return {own.concurrency ? own.concurrency : general.concurrency,
          own.requests_per_minute ? own.requests_per_minute : general.requests_per_minute};
}

bool same_limits(const CallLimits& a, const CallLimits& b) {
  return a.concurrency == b.concurrency && a.requests_per_minute == b.requests_per_minute;
}

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, const std::string& id) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.id == id; });
  return found == entries.end() ? nullptr : &*found;
}

// Whether they are configured alike, as far as the component itself knows.
bool same_component(const ComponentConfig& a, const ComponentConfig& b) {
  return a.plugin == b.plugin && a.settings == b.settings;
}
bool same_component(const ProviderConfig& a, const ProviderConfig& b) {
  return a.plugin == b.plugin && a.settings == b.settings && a.endpoints == b.endpoints &&
         a.record == b.record && a.replay == b.replay;
}

// What is taken over is not loaded again, and may be forbidden now.
Status check_allowed(PluginRegistry& plugins, std::string_view kind, const std::string& plugin) {
  TACHIKOMA_TRY(const PluginReport report, plugins.find_component(kind, plugin));
  return report.refused ? Status(*report.refused) : Done{};
}

// What `before` has of the provider, if that is the same.
void take_over(calls::ProviderSetup& setup, const ProviderConfig& provider, const Config& config,
               const UsedComponents& before) {
  const ProviderConfig* const old = find(before.config.providers, provider.id);
  if (!old || !same_component(*old, provider)) return;
  const calls::ConfiguredProvider& made = **before.providers.find(provider.id);
  for (const calls::Server& server : made.servers().all()) setup.components.push_back(server.component());
  if (old->eject_for == provider.eject_for && same_limits(limits_of(*old, before.config), setup.limits))
    setup.servers = made.shared_servers();
  if (before.config.verbose == config.verbose) setup.before_call = made.before_call;
}

Result<calls::ProviderSetup> make_setup(const ProviderConfig& provider, const Config& config,
                                        PluginRegistry& plugins, const UsedComponents* before) {
  calls::ProviderSetup setup{.id = provider.id,
                             .components = {},
                             .policy = {.clocks = clock_limits(provider.timeouts),
                                        .retry = config.policy.retry,
                                        .answer = config.policy.answer},
                             .load = provider.load,
                             .inference = provider.inference,
                             .limits = limits_of(provider, config),
                             .eject_for = provider.eject_for,
                             .plugin = provider.plugin,
                             .here = is_here(provider)};
  if (before) take_over(setup, provider, config, *before);
  if (setup.components.empty()) {
    TACHIKOMA_TRY(setup.components, make_or_replay(provider, config, plugins));
  } else {
    TACHIKOMA_TRY_STATUS(check_allowed(plugins, "provider", provider.plugin));
  }
  if (config.verbose && plugins.log() && !setup.before_call)
    setup.before_call = [logs = std::make_shared<diagnose::ServerLogs>(provider.id, setup.components,
                                                                       plugins.log())] { logs->follow(); };
  return setup;
}

}  // namespace

Result<Components> make_components(const Config& config, PluginRegistry& plugins,
                                   const UsedComponents* before) {
  for (const std::string& name : config.plugins.load) TACHIKOMA_TRY_STATUS(plugins.load(name));
  Components components{.monitors = before ? std::make_shared<MonitorHub>(plugins.log(), before->monitors)
                                           : std::make_shared<MonitorHub>(plugins.log())};
  for (const ProviderConfig& each : config.providers) {
    TACHIKOMA_TRY(calls::ProviderSetup setup, make_setup(each, config, plugins, before));
    components.providers.push_back(std::move(setup));
  }
  for (const ComponentConfig& each : config.tools) {
    const ComponentConfig* const old = before ? find(before->config.tools, each.id) : nullptr;
    if (old && same_component(*old, each)) {
      TACHIKOMA_TRY_STATUS(check_allowed(plugins, "tool", each.plugin));
      components.tools.emplace(each.id, before->tools.find(each.id)->second);
      continue;
    }
    TACHIKOMA_TRY(auto tool, plugins.make_tool(each.plugin, each.settings, each.id));
    components.tools.emplace(each.id, std::move(tool));
  }
  for (const ComponentConfig& each : config.monitors) {
    const ComponentConfig* const old = before ? find(before->config.monitors, each.id) : nullptr;
    if (old && same_component(*old, each)) {
      TACHIKOMA_TRY_STATUS(check_allowed(plugins, "monitor", each.plugin));
      components.monitors->share(each.id, before->monitors);
      continue;
    }
    TACHIKOMA_TRY(auto monitor, plugins.make_monitor(each.plugin, each.settings, each.id));
    components.monitors->add(each.id, std::move(monitor));
  }
  if (before && before->answers && before->config.cache == config.cache)
    components.answers = before->answers;
  else if (cache::is_used(config))
    components.answers = std::make_shared<cache::AnswerStore>(config.cache, plugins.log());
  return components;
}

}  // namespace tachikoma
