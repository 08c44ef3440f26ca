// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
    std::vector<UnappliedSetting> unapplied;
  };
  /// Loads a new instance of the model.
  Result<Loaded> load(std::string_view key, const LoadSettings& settings, const CallContext& context,
                      LoadSink& sink);
  /// The client of the instance with that id, else of one with that key, else null. Keeps the instance alive.
  std::shared_ptr<kit::HttpClient> find(std::string_view name);
  /// The kind of the model with that name.
  Result<ModelKind> kind(std::string_view name);
  /// True if its server returns embeddings, or would if it were loaded with the settings of the call.
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
  /// The running instances, in the order in which they were loaded.
  std::vector<std::shared_ptr<Instance>> loaded();

 private:
  Result<std::string> reserve_id(const std::optional<std::string>& wanted, const std::string& key);
  void remove_ended();
  std::shared_ptr<Instance> find_locked(std::string_view name);

  LogFeed log_;
  const Options options_;
  Host& host_;
  const ModelFolder models_;
  std::mutex mutex_;  // guards what follows; not held while a model is loaded
  std::optional<ServerBinary> binary_;
  std::vector<std::shared_ptr<Instance>> instances_;
  std::vector<std::weak_ptr<Instance>> started_;  // also those that ended while a call still uses them
  std::vector<Lost> lost_;
  std::set<std::string, std::less<>> reserved_;  // ids of instances being loaded
};

}  // namespace tachikoma::llamacpp
