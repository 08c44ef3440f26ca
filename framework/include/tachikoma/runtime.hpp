// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/config.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "tachikoma/text_stream.hpp"

namespace tachikoma {

/// A runtime without a file: one provider.
struct Settings {
  std::string plugin = "lmstudio";  ///< also the provider's id
  std::string base_url = "auto";    ///< empty for a plugin that has none
  std::string api_key = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  Timeouts timeouts = {};
  GenerationSettings inference = {};
  std::string model = {};  ///< the default model
  std::vector<std::string> plugin_paths = {};
};

class RuntimeCore;

/// One provider of a runtime. Keeps the runtime's inside alive; copy it freely. Thread-safe.
class ProviderHandle {
 public:
  const std::string& id() const;
  /// Is it there, is it what the config says, may we use it? `unsupported` where it can't tell.
  Result<Health> health(std::stop_token stop = {}) const;
  /// Every model of this server; `unsupported` where it has no list.
  Result<std::vector<ModelInfo>> list_models(std::stop_token stop = {}) const;
  /// As the runtime's, with `request.model` a name on this provider; empty: the current one.
  Result<Reply> generate_text(TextRequest request) const;
  Result<Reply> stream_text(TextRequest request, const DeltaCallback& on_delta) const;
  Result<TextStream> stream_text(TextRequest request) const;

 private:
  friend class Runtime;
  ProviderHandle(std::shared_ptr<RuntimeCore> core, std::string id);
  TextRequest on_this(TextRequest request) const;
  std::shared_ptr<RuntimeCore> core_;
  std::string id_;
};

/// Everything an application needs: providers, models and plugins, as a config file names them.
///
/// Several runtimes can live in one process. Thread-safe after it is made. Movable; streams keep what
/// they need alive, so a runtime may be destroyed before them.
class Runtime {
 public:
  /// Reads the file and loads what it names; opens no connection. `config_invalid`, `plugin_refused`.
  /// `log` gets every line; without one, warnings and errors go to stderr, and every line when the file says
  /// `verbose: true`.
  static Result<Runtime> open(std::string_view file, LogCallback log = {});
  /// The file that `find_config` finds.
  static Result<Runtime> open();
  /// From a checked config and the registry that checked it.
  static Result<Runtime> from(Config config, PluginRegistry plugins);
  /// From values.
  static Result<Runtime> with(Settings settings, LogCallback log = log_to_stderr());
  /// A runtime on the LM Studio of this machine, or nothing when none answers. Fails when one answers
  /// and can't be used: `unauthenticated`, `plugin_refused`.
  static Result<std::optional<Runtime>> auto_detect(LogCallback log = log_to_stderr());

  Runtime(Runtime&&) noexcept;
  Runtime& operator=(Runtime&&) noexcept;
  /// Flushes the monitors. Running calls of other threads keep what they use alive.
  ~Runtime();

  /// Generates a whole reply. The server is asked for a stream all the same, so that cancelling stops
  /// the model and the time to the first token is real.
  Result<Reply> generate_text(TextRequest request);
  /// Hands every delta to `on_delta` on this thread: the direct path, without a queue.
  Result<Reply> stream_text(TextRequest request, const DeltaCallback& on_delta);
  /// Starts generating and returns the deltas as a range.
  Result<TextStream> stream_text(TextRequest request);

  /// The provider of that id; `config_invalid` when the config has none of that name.
  Result<ProviderHandle> provider(std::string_view id) const;
  std::vector<std::string> provider_ids() const;
  /// The tool of that id in the config's `tools`; `config_invalid` when there is none.
  Result<std::shared_ptr<Tool>> tool(std::string_view id) const;

  ModelRegistry& models();
  PluginRegistry& plugins();
  const Config& config() const;

 private:
  explicit Runtime(std::shared_ptr<RuntimeCore> core);
  std::shared_ptr<RuntimeCore> core_;
};

Value to_value(const Error& error);

}  // namespace tachikoma
