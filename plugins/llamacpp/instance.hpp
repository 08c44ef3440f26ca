// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/http_client.hpp"
#include "common/launch/child_process.hpp"
#include "llamacpp/engine_log.hpp"
#include "llamacpp/load_plan.hpp"
#include "llamacpp/model_folder.hpp"
#include "tachikoma/plugin/host.hpp"

namespace tachikoma::llamacpp {

/// How many processes this machine has killed for want of memory; 0 where it does not say.
std::int64_t memory_kills();

/// What every server of one provider is started with.
struct LaunchOptions {
  std::vector<std::string> arguments = {};  ///< further ones, as they are
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::vector<std::string> rpc = {};  ///< llama.cpp's RPC servers, "host:port"
  std::chrono::milliseconds ready_time{600'000};
  bool log = false;  ///< what it writes goes to the host's log
};

/// A model in memory: a llama.cpp server of its own, on a free port of this machine, with a key that nobody
/// else knows. Ends with the object. [thread-safe]
class Instance {
 public:
  /// Starts it, and returns when it answers. Fails as the engine's log says, with `timeout`, `cancelled`.
  static Result<std::shared_ptr<Instance>> start(std::string id, const ModelFile& file, const LoadPlan& plan,
                                                 const ServerBinary& binary, const LaunchOptions& options,
                                                 Host& host, const CallContext& context);

  const std::string& id() const { return id_; }
  const std::string& key() const { return key_; }
  const base::GgufModel& model() const { return model_; }
  const std::shared_ptr<kit::HttpClient>& client() const { return client_; }
  EngineLog log() const;
  bool running() const { return !child_->end(); }
  /// Ends it, also for those who still hold it, and waits until it is gone.
  void stop();
  std::string last_lines() const { return child_->last_lines(); }
  /// How it ended, for a sentence; empty while it runs.
  std::string end() const;
  /// Why a call lost its connection: `model_lost` when it has ended, else `broken` as it is. A connection
  /// breaks a moment before the end of its process is known; waits for that.
  Error explain(Error broken) const;

  void note_used() { last_used_ = std::chrono::system_clock::now(); }
  std::chrono::system_clock::time_point last_used() const { return last_used_; }

 private:
  Instance(std::string id, const ModelFile& file) : id_(std::move(id)), key_(file.key), model_(file.model) {}
  Status launch(const std::vector<std::string>& argv, const LaunchOptions& options,
                const std::string& api_key, Host& host);
  Error failure() const;
  Status wait_until_ready(std::chrono::milliseconds limit, const CallContext& context);
  void hear(std::string_view line, bool aloud, Host& host);

  const std::string id_, key_;
  const base::GgufModel model_;
  std::shared_ptr<kit::HttpClient> client_;
  mutable std::mutex mutex_;
  EngineLog log_;  // guarded by mutex_
  std::atomic<bool> stopped_{false};
  const std::int64_t memory_kills_before_ = memory_kills();
  std::atomic<std::chrono::system_clock::time_point> last_used_{std::chrono::system_clock::now()};
  std::unique_ptr<kit::ChildProcess> child_;  // last: its lines go to the log
};

}  // namespace tachikoma::llamacpp
