// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/tool.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// What a plugin file states in its note, and whether the host accepts the file.
struct PluginReport {
  std::string name = {};  ///< from the note, or from the file's name if there is no note
  std::string version = {};
  std::string file = {};                   ///< canonical path
  std::vector<std::string> provides = {};  ///< "provider:echo", "tool:echo"
  std::string description = {};
  std::string built_with = {};  ///< the compiler, for reports
  Value config_schema = {};     ///< JSON Schema per component: {"provider:echo": {…}}, or null
  bool loaded = false;
  /// Set if the file is refused: the reason and the fix.
  std::optional<Error> refused = {};
  std::string shadowed_by = {};  ///< the file of the same name that was found earlier and is used instead
};

/// Receives log lines: severity, origin (a component, or "tachikoma") and text. May be called from several
/// threads at once.
using LogCallback = std::function<void(Severity, std::string_view origin, std::string_view text)>;

/// Writes lines of at least that severity to stderr. The default log of a registry.
TACHIKOMA_API LogCallback log_to_stderr(Severity minimum = Severity::warning);

/// Finds, checks and loads plugins, and makes components from them.
///
/// Thread-safe. A component keeps its plugin's code in memory, so no pointer into an unloaded library can
/// remain. Every call to a component passes a guard: what a plugin throws becomes a `plugin_fault` that names
/// it. A loaded plugin is trusted code with this program's rights: the checks before loading stop accidents
/// and swapped files, not a hostile author.
class TACHIKOMA_API PluginRegistry {
 public:
  /// Searches `paths` (absolute folders) first, then TACHIKOMA_PLUGIN_PATH, the user's data folder and the
  /// folder installed with this program.
  explicit PluginRegistry(std::vector<std::string> paths = {}, LogCallback log = log_to_stderr());
  ~PluginRegistry();
  PluginRegistry(PluginRegistry&&) noexcept;
  PluginRegistry& operator=(PluginRegistry&&) noexcept;

  /// Adds folders in front of all others. Fails with `invalid_argument` if a path is not absolute.
  Status add_paths(const std::vector<std::string>& paths);
  /// The same for the folders of a configuration; they take the place of those of an earlier one.
  Status set_configured_paths(const std::vector<std::string>& paths);
  /// Allows only the named plugins to be loaded; an empty list allows all.
  void allow(std::vector<std::string> names);
  /// The search path: folders, in order.
  std::vector<std::string> search_path() const;

  /// Reads the note of every file in the search path. Runs no plugin code.
  std::vector<PluginReport> scan();
  /// The report on one plugin, by name or file path. Fails with `plugin_refused` if there is none; the hint
  /// has similar names.
  Result<PluginReport> find(std::string_view name_or_file);
  /// The plugin whose note provides `kind:id`, such as "provider:lmstudio".
  Result<PluginReport> find_component(std::string_view kind, std::string_view id);

  /// Loads a plugin by name or file path and registers all of its components, or none. Does nothing if it is
  /// loaded already. Fails with `plugin_refused`.
  Status load(std::string_view name_or_file);

  /// Makes a component, loading its plugin if needed. `name` is its name in logs and errors.
  Result<std::shared_ptr<Provider>> make_provider(std::string_view id, const Value& settings,
                                                  std::string_view name);
  Result<std::shared_ptr<Tool>> make_tool(std::string_view id, const Value& settings, std::string_view name);
  Result<std::shared_ptr<Monitor>> make_monitor(std::string_view id, const Value& settings,
                                                std::string_view name);

  /// The log that components write to.
  const LogCallback& log() const;

 private:
  class TACHIKOMA_INTERNAL Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma
