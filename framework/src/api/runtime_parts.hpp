// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "api/configured_parts.hpp"
#include "api/status_file.hpp"
#include "async/threads.hpp"
#include "async/timer.hpp"
#include "async/workers.hpp"
#include "models/machines.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/model_registry.hpp"
#include "tachikoma/plugin_registry.hpp"
#include "tachikoma/reload.hpp"

namespace tachikoma {

class RuntimeParts;

/// The parts of a runtime, kept for a call or a stream, as they are configured when it begins.
struct PartsInUse {
  std::shared_ptr<RuntimeParts> runtime;
  std::shared_ptr<ConfiguredParts> configured;

  ConfiguredParts* operator->() const { return configured.get(); }
  ConfiguredParts& operator*() const { return *configured; }
};

/// Starts a stream, which keeps the parts.
Result<TextStream> stream(const PartsInUse& parts, TextRequest request);

/// What a runtime consists of, whatever its configuration; and the configuration that holds now. Shared with
/// its handles and streams, so that they outlive it safely.
///
/// A call uses one configuration from beginning to end. One that holds no more lives until its last call has
/// ended.
class RuntimeParts : public std::enable_shared_from_this<RuntimeParts> {
 public:
  /// If its last owner is released in a generation's callback, on a thread that it would have to join, it is
  /// destroyed on another one.
  static std::shared_ptr<RuntimeParts> make(Config config, PluginRegistry plugins, Components components);
  ~RuntimeParts();
  RuntimeParts(const RuntimeParts&) = delete;
  RuntimeParts& operator=(const RuntimeParts&) = delete;

  PartsInUse use();
  /// The configuration that holds now.
  std::shared_ptr<ConfiguredParts> configured() const;
  MemoryReport explain() const { return machines_.explain(); }

  /// Tells `tachikoma ps` from now on what is in memory. Called before other threads know of this.
  void write_status_file();
  /// Begins to load what the configuration preloads, now and after each reload.
  void preload();
  /// Is told whenever `verbose` changes. Called before other threads know of this.
  void follow_verbose(std::function<void(bool verbose)> follow) { verbose_ = std::move(follow); }

  enum class Reloading : std::uint8_t { planned, applied };
  /// See `Runtime::reload`.
  Result<Reload> reload(Reloading how);

  PluginRegistry plugins;

 private:
  /// A configuration that may take effect.
  struct Candidate {
    models::Configuration configuration;
    Components components;
  };

  RuntimeParts(Config config, PluginRegistry plugins, Components components);
  Result<Candidate> prepare(const ConfiguredParts& before);
  void apply(const Candidate& candidate, const ConfiguredParts& before);
  std::shared_ptr<ConfiguredParts> make_configured(const Candidate& candidate);
  void retire(ConfiguredParts* parts);

  const std::shared_ptr<Timer> timer_;
  models::Machines machines_;
  std::function<void(bool verbose)> verbose_;
  std::stop_source ending_;
  std::atomic<bool> ends_ = false;
  std::atomic<bool> preloads_ = false;
  std::mutex reloading_;      // one at a time
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<ConfiguredParts> configured_;
  Workers retired_{1};  // destroys configurations that nobody uses any more

 public:
  ModelRegistry models;  ///< the application's view
  async::Threads threads;

 private:
  std::unique_ptr<StatusFile> status_file_;
};

}  // namespace tachikoma
