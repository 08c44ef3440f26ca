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
  /// What the servers write.
  LogFeed& log() { return log_; }
  /// The program, asked once.
  Result<ServerBinary> binary(Cancellation& cancellation);

  struct Loaded {
    std::shared_ptr<Instance> instance;
    std::shared_ptr<kit::HttpClient> client;  ///< it is in use as long as this lives
    std::vector<UnappliedSetting> unapplied;
  };
  /// Loads the model once more; `sink`, if there is one, hears how it goes.
  Result<Loaded> load(std::string_view key, const LoadSettings& settings, const CallContext& context,
                      LoadSink* sink = nullptr);
  /// The client of the instance of that id, else of one of that key, else of a new one with the settings of
  /// the call, which all who wait for the key share. The instance is in use as long as the pointer lives.
  Result<std::shared_ptr<kit::HttpClient>> obtain(std::string_view name, const CallContext& context);
  /// The same where nothing has to be loaded, else null.
  std::shared_ptr<kit::HttpClient> find(std::string_view name);
  /// What the model of that name is for.
  Result<ModelKind> kind(std::string_view name);
  /// True when its server gives vectors, or would once `obtain` loads it.
  Result<bool> embeds(std::string_view name, const CallContext& context);
  /// The instance that talks through that client, which may have ended meanwhile; null when nobody holds it.
  std::shared_ptr<Instance> find(const kit::HttpClient& client);
  /// Ends it. `model_not_found` when it is not there.
  Status unload(std::string_view id);
  /// A server that ended on its own, and whose model nobody has loaded since.
  struct Lost {
    std::string id, key;
    std::string end;         ///< "signal 9 (Killed)"
    std::string last_lines;  ///< of what it wrote
  };
  /// The last of them.
  std::vector<Lost> lost();
  /// Those that run, the one used last first.
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
  std::vector<std::weak_ptr<Instance>> started_;  // and those that ended while somebody still asks them
  std::vector<Lost> lost_;
  std::set<std::string, std::less<>> reserved_;   // ids of those that are being loaded
  std::set<std::string, std::less<>> on_demand_;  // keys that `obtain` loads
  bool ending_ = false;
  std::condition_variable watch_;  // there is a model to watch, or the end has come
  std::thread watcher_;            // once a model with a `ttl` is loaded
};

}  // namespace tachikoma::llamacpp
