// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/log_gate.hpp"
#include "plugins/plugin_file.hpp"
#include "plugins/plugin_folders.hpp"
#include "plugins/registrar.hpp"
#include "tachikoma/plugin/capability/name_resolver.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// One lock guards everything; it is held while a plugin registers, never while a component is made or
/// called. Warnings are logged after it is released, so that a log callback may use the registry.
class PluginRegistry::Impl {
 public:
  Impl(const std::vector<std::string>& paths, LogCallback log);
  ~Impl() { plugin_log_->close(); }

  Status add_paths(const std::vector<std::string>& paths);
  Status set_configured_paths(const std::vector<std::string>& paths);
  void allow(std::vector<std::string> names);
  std::vector<std::string> search_path() const;
  std::vector<PluginReport> scan();
  Result<PluginReport> find(std::string_view name_or_file);
  Result<PluginReport> find_component(std::string_view kind, std::string_view id);
  Status load(std::string_view name_or_file);
  template <class C>
  Result<std::shared_ptr<C>> make(std::string_view id, const Value& settings, std::string_view name);
  const LogCallback& log() const { return log_; }

 private:
  struct Loaded {
    PluginReport report;
    std::shared_ptr<plugins::Module> module;
    std::vector<plugins::Registration> registrations;
  };
  struct Found {
    const Loaded* plugin = nullptr;
    const plugins::Registration* registration = nullptr;
  };
  class LockedRegistry;

  std::vector<PluginReport> search(LockedRegistry& registry, plugins::Detail detail) const;
  template <class Pick>
  Result<PluginReport> look_up(LockedRegistry& registry, Pick pick);
  Result<PluginReport> pick_named(std::string_view name) const;
  Result<PluginReport> pick_component(LockedRegistry& registry, std::string_view kind,
                                      std::string_view id) const;
  Result<PluginReport> find(LockedRegistry& registry, std::string_view name_or_file);
  Result<PluginReport> find_component(LockedRegistry& registry, std::string_view kind, std::string_view id);
  Status load(LockedRegistry& registry, const PluginReport& report);
  Status check_conflicts(const PluginReport& report) const;
  bool is_allowed(const PluginReport& report) const;
  bool usable(const PluginReport& report) const;
  PluginReport judged(PluginReport report) const;
  Found loaded_component(const std::string& component) const;
  const Loaded* loaded_plugin(std::string_view name) const;
  std::string searched() const;
  void write_log(Severity severity, const std::string& text) const;

  mutable std::mutex mutex_;  // guards what follows; held while a plugin is loaded: it is loaded once
  plugins::PluginFolders folders_;
  std::optional<std::vector<PluginReport>> found_;  // in the folders, when they were last searched
  std::vector<std::string> allowed_;
  std::vector<std::unique_ptr<Loaded>> loaded_;
  std::set<std::string> said_;
  const LogCallback log_;
  const std::shared_ptr<plugins::LogGate> plugin_log_;
  const std::shared_ptr<NameResolver> names_;
};

}  // namespace tachikoma
