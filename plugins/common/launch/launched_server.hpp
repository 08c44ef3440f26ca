// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/http/http_client.hpp"
#include "common/launch/child_process.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// The `launch` section of a provider: how to start its server.
struct LaunchSettings {
  ChildCommand command;  ///< {host} and {port} in it are those of base_url
  std::string ready =
      {};  ///< the server is ready when this path answers with status 2xx; empty: the models' list
  std::chrono::milliseconds ready_time{120'000};
  std::int64_t restarts = 3;  ///< how often it is started again after it ended on its own; 0: never
  bool log = false;           ///< forward its output to the host's log

  /// Nullopt if `settings` is null. Fails with `config_invalid`.
  static Result<std::optional<LaunchSettings>> read(const Value& settings);
};

/// A server that is started on demand and ends with this object. One that answers already is used as
/// it is. [thread-safe]
class LaunchedServer {
 public:
  /// `host` must outlive it.
  LaunchedServer(LaunchSettings settings, std::shared_ptr<HttpClient> client, Host& host);

  /// Returns once the server answers. Fails with `unreachable`, with its last lines of output, if it ended
  /// instead or ended too often; with `timeout` if it is not ready in time.
  Status ensure(const CallContext& context);
  /// True if `ensure` would return immediately.
  bool ready() const;
  /// The server could not be reached: one that was not started here may be gone.
  void forget();

 private:
  Status bring_up(const CallContext& context);
  Result<std::unique_ptr<ChildProcess>> start();
  Status wait_until_ready(ChildProcess& child, const CallContext& context);
  Result<bool> answers(Cancellation& cancellation, std::chrono::milliseconds limit);
  bool up() const { return attached_ || (child_ && !child_->end()); }
  bool left_it_running(const ChildProcess& child) const;
  Error ended(const ChildProcess& child, std::string_view when) const;

  const LaunchSettings settings_;
  const std::string ready_path_;
  const ChildCommand command_;  // from `settings_`, with the address filled in
  const std::shared_ptr<HttpClient> client_;
  Host& host_;
  mutable std::mutex mutex_;  // guards what follows; not held while a server starts
  std::condition_variable changed_;
  bool starting_ = false;
  bool attached_ = false;  // it answers, but we did not start it
  std::int64_t started_ = 0;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace tachikoma::kit
