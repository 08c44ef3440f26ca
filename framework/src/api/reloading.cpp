// SPDX-License-Identifier: MIT
// How a runtime takes over a changed file.
#include <utility>

#include "api/runtime_parts.hpp"
#include "base/try.hpp"

namespace tachikoma {
namespace {

/// Puts the plugins that may be used back to what a configuration says, unless it is kept.
class PluginRollback {
 public:
  PluginRollback(PluginRegistry& plugins, const PluginsConfig& before) : plugins_(plugins), before_(before) {}
  ~PluginRollback() {
    if (kept_) return;
    (void)plugins_.set_configured_paths(before_.paths);  // they were valid before
    plugins_.allow(before_.allow);
  }
  PluginRollback(const PluginRollback&) = delete;
  PluginRollback& operator=(const PluginRollback&) = delete;

  void keep() { kept_ = true; }

 private:
  PluginRegistry& plugins_;
  const PluginsConfig& before_;
  bool kept_ = false;
};

Reload::Unload unload_of(const models::Leaving& leaving) {
  return {leaving.provider, leaving.key,
          leaving.with_its_server ? "its provider is gone, or configured differently"
                                  : "its load settings have changed"};
}

}  // namespace

Result<RuntimeParts::Candidate> RuntimeParts::prepare(const ConfiguredParts& before) {
  const auto config = std::make_shared<Config>();
  plugins.allow({});  // those that the new file allows are known when it is read
  TACHIKOMA_TRY(*config, load_config(before.config.file, plugins));
  plugins.allow(config->plugins.allow);
  const UsedComponents used = before.components();
  TACHIKOMA_TRY(Components components, make_components(*config, plugins, &used));
  const auto providers =
      std::make_shared<const calls::Providers>(std::move(components.providers), plugins.log(), timer_);
  const auto registry = std::make_shared<ModelRegistry::Impl>(*config, providers, &before.registry);
  return Candidate{{config, providers, registry}, std::move(components)};
}

Result<Reload> RuntimeParts::reload(Reloading how) {
  const std::lock_guard one_at_a_time(reloading_);
  const auto before = configured();
  if (before->config.file.empty())
    return Error(ErrorCode::invalid_argument,
                 "this runtime was not made from a file, so it can't be reloaded",
                 "make it with Runtime::open");
  PluginRollback rollback(plugins, before->config.plugins);
  TACHIKOMA_TRY(const Candidate candidate, prepare(*before));
  const Config& config = *candidate.configuration.config;
  Reload reload{.changes = changes_between(before->config, config), .warnings = config.warnings};
  for (const models::Leaving& each : before->residents.leaving(candidate.configuration))
    reload.unloads.push_back(unload_of(each));
  if (how == Reloading::planned || reload.changes.empty()) return reload;
  rollback.keep();
  apply(candidate, *before);
  return reload;
}

void RuntimeParts::apply(const Candidate& candidate, const ConfiguredParts& before) {
  const auto next = make_configured(candidate);
  next->residents.take_effect(&before.residents);
  {
    const std::lock_guard lock(mutex_);
    configured_ = next;
  }
  if (verbose_) verbose_(next->config.verbose);
  if (preloads_) preload();
}

}  // namespace tachikoma
