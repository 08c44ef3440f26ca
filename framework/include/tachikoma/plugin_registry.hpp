// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/tool.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// What a plugin file says of itself in its note, and what the host thinks of it.
struct PluginReport {
  std::string name;  ///< from the note; from the file's name when it has none
  std::string version;
  std::string file;                   ///< canonical path
  std::vector<std::string> provides;  ///< "provider:echo", "tool:echo"
  std::string description;
  std::string built_with;  ///< the compiler, for reports
  Value config_schema;     ///< JSON Schema per component: {"provider:echo": {…}}, or null
  bool loaded = false;
  /// Set when the file is refused: the sentence and its fix.
  std::optional<Error> refused;
  std::string shadowed_by;  ///< the earlier file of the same name that is used instead
};

/// Receives log lines: severity, who speaks (a component, or "tachikoma"), and the text. May be called
/// from several threads at once.
using LogCallback = std::function<void(Severity, std::string_view who, std::string_view text)>;

/// Writes warnings and errors to stderr, a line each; what a registry uses when it is given nothing.
LogCallback log_to_stderr(Severity least = Severity::warning);

/// Finds, judges and loads plugins, and hands out leases on their components.
///
/// Thread-safe. A lease keeps the plugin's code in memory, so nobody is left with a pointer into an
/// unloaded library. Every call through a lease passes a guard: what a plugin throws becomes a
/// `plugin_fault` that names it. A loaded plugin is trusted code with this program's rights: the checks
/// before loading stop accidents and swapped files, not a hostile author.
class PluginRegistry {
 public:
  /// Searches `paths` (absolute folders) first, then TACHIKOMA_PLUGIN_PATH, the user's data folder and
  /// the folder that came with this program.
  explicit PluginRegistry(std::vector<std::string> paths = {}, LogCallback log = log_to_stderr());
  ~PluginRegistry();
  PluginRegistry(PluginRegistry&&) noexcept;
  PluginRegistry& operator=(PluginRegistry&&) noexcept;

  /// Puts folders before all others. Fails with `invalid_argument` on a path that is not absolute.
  Status add_paths(const std::vector<std::string>& paths);
  /// Restricts what may be loaded to these names; an empty list lifts the restriction.
  void allow(std::vector<std::string> names);
  /// The folders that are searched, in order.
  std::vector<std::string> search_path() const;

  /// Reads the note of every file in the search path. Runs no plugin code.
  std::vector<PluginReport> scan();
  /// The report on one plugin, by name or by the path of a file. `plugin_refused` when there is none:
  /// near names are in the hint.
  Result<PluginReport> find(std::string_view name_or_file);
  /// The plugin whose note provides `kind:id`, such as "provider:lmstudio".
  Result<PluginReport> find_component(std::string_view kind, std::string_view id);

  /// Loads a plugin by name or file and registers all that it provides, or nothing of it. Loading it
  /// again does nothing. Fails with `plugin_refused`.
  Status load(std::string_view name_or_file);

  /// Makes a component, loading its plugin when needed. `name` is what it is called in logs and errors.
  Result<std::shared_ptr<Provider>> make_provider(std::string_view id, const Value& settings,
                                                  std::string_view name);
  Result<std::shared_ptr<Tool>> make_tool(std::string_view id, const Value& settings, std::string_view name);
  Result<std::shared_ptr<Monitor>> make_monitor(std::string_view id, const Value& settings,
                                                std::string_view name);

  /// The log that components write to.
  const LogCallback& log() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma
