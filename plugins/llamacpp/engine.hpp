// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "llamacpp/instance.hpp"
#include "llamacpp/model_folder.hpp"
#include "llamacpp/server_binary.hpp"

namespace tachikoma::llamacpp {

/// The models in memory: a server process for each. [thread-safe]
class Engine {
 public:
  struct Options {
    std::string server = "auto";
    std::filesystem::path models_folder = {};
    LaunchOptions launch = {};
  };
  Engine(Options options, Host& host);
  ~Engine();

  const Options& options() const { return options_; }
  const ModelFolder& models() const { return models_; }
  /// The output of the servers.
  LogFeed& log() { return log_; }
  /// The program; probed once.
  Result<ServerBinary> binary(Cancellation& cancellation);

  /// The command line for the model, and with it which projector the model gets.
  Result<LoadPlan> plan(const LoadSettings& settings, ModelFile& file, const ServerBinary& server) const;

  struct Loaded {
    std::shared_ptr<Instance> instance;
    std::shared_ptr<kit::HttpClient> client;  ///< it is in use as long as this lives
    std::vector<UnappliedSetting> unapplied;
  };
  /// Loads a new instance of the model; reports to `sink`, if there is one.
  Result<Loaded> load(std::string_view key, const LoadSettings& settings, const CallContext& context,
                      LoadSink* sink = nullptr);
  /// The client of the instance with that id, else of one with that key, else of a new one with the settings
  /// of the call, shared by all callers that wait for the key. The instance is in use as long as the pointer
  /// exists.
  Result<std::shared_ptr<kit::HttpClient>> obtain(std::string_view name, const CallContext& context);
  /// The same if nothing has to be loaded, else null.
  std::shared_ptr<kit::HttpClient> find(std::string_view name);
  /// The kind of the model with that name.
  Result<ModelKind> kind(std::string_view name);
  /// True if its server returns embeddings, or would once `obtain` loads it.
  Result<bool> embeds(std::string_view name, const CallContext& context);
  /// The instance of that client, which may have ended meanwhile; null if it no longer exists.
  std::shared_ptr<Instance> find(const kit::HttpClient& client);
  /// Stops it. Fails with `model_not_found` if it is not in memory.
  Status unload(std::string_view id);
  /// A server that ended on its own, and whose model has not been loaded since.
  struct Lost {
    std::string id, key;
    std::string end;         ///< "signal 9 (Killed)"
    std::string last_lines;  ///< of its output
  };
  /// The most recent ones.
  std::vector<Lost> lost();
  /// The running instances, most recently used first.
  std::vector<std::shared_ptr<Instance>> loaded();

 private:
  Result<std::string> reserve_id(const std::optional<std::string>& wanted, const std::string& key);
  void log_unapplied(const Loaded& loaded, const LoadSettings& asked);
  void remove_ended();
  std::shared_ptr<Instance> find_locked(std::string_view name);
  Status watch_unused();
  void unload_unused();
  std::vector<std::shared_ptr<Instance>> take_unused(std::chrono::steady_clock::time_point& next);

  LogFeed log_;
  const Options options_;
  Host& host_;
  const ModelFolder models_;
  std::mutex mutex_;  // guards what follows; not held while a model is loaded
  std::condition_variable changed_;
  std::optional<ServerBinary> binary_;
  std::vector<std::shared_ptr<Instance>> instances_;
  std::vector<std::weak_ptr<Instance>> started_;  // also those that ended while a call still uses them
  std::vector<Lost> lost_;
  std::set<std::string, std::less<>> reserved_;   // ids of instances being loaded
  std::set<std::string, std::less<>> on_demand_;  // keys that `obtain` loads
  bool ending_ = false;
  std::condition_variable watch_;  // there is a model to watch, or the engine is being destroyed
  std::thread watcher_;            // started when a model with a `ttl` is loaded
};

}  // namespace tachikoma::llamacpp
