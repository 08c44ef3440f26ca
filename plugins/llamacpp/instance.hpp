// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/http/http_client.hpp"
#include "common/launch/child_process.hpp"
#include "llamacpp/engine_log.hpp"
#include "llamacpp/load_plan.hpp"
#include "llamacpp/load_progress.hpp"
#include "llamacpp/log_feed.hpp"
#include "llamacpp/model_folder.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/load.hpp"

namespace tachikoma::llamacpp {

/// How many processes this machine has killed for lack of memory; 0 if unknown.
std::uint64_t memory_kills();

/// The options that all servers of one provider are started with.
struct LaunchOptions {
  std::vector<std::string> arguments = {};  ///< additional ones, unchanged
  Environment environment = {};
  std::vector<std::string> rpc = {};  ///< llama.cpp's RPC servers, "host:port"
  std::chrono::milliseconds ready_time{600'000};
  LogFeed* log = nullptr;  ///< receives their output; may be null
};

/// True if a server with these arguments returns embeddings.
bool embeds(const std::vector<std::string>& arguments);

/// A model in memory: a separate llama.cpp server, on a free port of this machine, with a secret
/// key. Ends with this object. [thread-safe]
class Instance : public std::enable_shared_from_this<Instance> {
 public:
  /// Starts it, and returns when it answers. Fails with the error that
  /// the engine's log shows, with `timeout` or `cancelled`.
  static Result<std::shared_ptr<Instance>> start(std::string id, const ModelFile& file, const LoadPlan& plan,
                                                 const ServerBinary& binary, const LaunchOptions& options,
                                                 Host& host, const CallContext& context, LoadSink& sink);

  const std::string& id() const { return id_; }
  const std::string& key() const { return key_; }
  const base::GgufModel& model() const { return model_; }
  kit::HttpClient& client() { return *client_; }
  /// Its client, for a request: the instance exists as long as the pointer does.
  std::shared_ptr<kit::HttpClient> keep_client() { return {shared_from_this(), client_.get()}; }
  EngineLog log() const;
  bool running() const { return !child_->end(); }
  /// Stops it, also for callers that still use it, and waits until it has ended.
  void stop();
  std::string last_lines() const { return child_->last_lines(); }
  /// How it ended, as part of a sentence; empty while it runs.
  std::string end() const;
  /// Why a call lost its connection: `model_lost` if it has ended, else `broken` unchanged. A connection
  /// breaks shortly before the end of its process is known; waits for that.
  Error explain(Error broken) const;

  /// True if it was started for embeddings.
  bool embeds() const { return embeds_; }
  /// The settings that it was started with.
  const LoadSettings& asked() const { return asked_; }

 private:
  Instance(std::string id, const ModelFile& file, const LoadPlan& plan)
      : id_(std::move(id)), key_(file.key), model_(file.model), asked_(plan.settings) {}
  Status launch(const std::vector<std::string>& argv, const LaunchOptions& options,
                const std::string& api_key);
  Error failure() const;
  Status wait_until_ready(std::chrono::milliseconds limit, const CallContext& context, LoadSink& sink);
  Result<bool> answers(const CallContext& context);
  Flow report_progress(LoadProgress& progress, LoadSink& sink) const;
  void add_line(std::string_view line, LogFeed* log);

  const std::string id_, key_;
  const base::GgufModel model_;
  const LoadSettings asked_;
  bool embeds_ = false;
  std::unique_ptr<kit::HttpClient> client_;
  mutable std::mutex mutex_;  // guards `log_`
  EngineLog log_;
  std::atomic<bool> stopped_{false};
  const std::uint64_t memory_kills_before_ = memory_kills();
  std::unique_ptr<kit::ChildProcess> child_;  // last: its output goes to the log
};

}  // namespace tachikoma::llamacpp
