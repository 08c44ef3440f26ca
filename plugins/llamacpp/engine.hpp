// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
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

  const ModelFolder& models() const { return models_; }
  /// The program, asked once.
  Result<ServerBinary> binary(Cancellation& cancellation);

  struct Loaded {
    std::shared_ptr<Instance> instance;
    std::vector<UnappliedSetting> unapplied;
  };
  /// Loads the model once more.
  Result<Loaded> load(std::string_view key, const LoadSettings& settings, const CallContext& context);
  /// The instance of that id, else one of that key, else a new one with the settings of the call, which all
  /// who wait for the key share.
  Result<std::shared_ptr<Instance>> obtain(std::string_view name, const CallContext& context);
  /// The same where nothing has to be loaded, else null.
  std::shared_ptr<Instance> find(std::string_view name);
  /// The instance that talks through that client, which may have ended meanwhile; null when nobody holds it.
  std::shared_ptr<Instance> find(const kit::HttpClient& client);
  /// Ends it. `model_not_found` when it is not there.
  Status unload(std::string_view id);
  /// Those that run, the one used last first.
  std::vector<std::shared_ptr<Instance>> loaded();

 private:
  Result<std::string> reserve_id(const std::optional<std::string>& wanted, const std::string& key);
  void log_unapplied(const Loaded& loaded, const LoadSettings& asked);
  void remove_ended();
  std::shared_ptr<Instance> find_locked(std::string_view name);

  const Options options_;
  Host& host_;
  const ModelFolder models_;
  std::mutex mutex_;  // guards what follows; not held while a model is loaded
  std::condition_variable changed_;
  std::optional<ServerBinary> binary_;
  std::vector<std::shared_ptr<Instance>> instances_;
  std::vector<std::weak_ptr<Instance>> started_;  // and those that ended while somebody still asks them
  std::set<std::string, std::less<>> reserved_;   // ids of those that are being loaded
  std::set<std::string, std::less<>> on_demand_;  // keys that `obtain` loads
};

}  // namespace tachikoma::llamacpp
