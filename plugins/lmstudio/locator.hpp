// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/http/http_client.hpp"
#include "common/http/server_access.hpp"
#include "common/net/server_url.hpp"
#include "lmstudio/discovery.hpp"
#include "lmstudio/sdk_client.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// The configured address of LM Studio, and how to start its HTTP server.
struct Place {
  std::optional<kit::ServerUrl> url = {};  ///< absent: search this machine
  std::optional<std::uint16_t> port = {};
  bool start = false;  ///< start the HTTP server if LM Studio is running without it
  std::string network_interface = {};
  std::optional<bool> cors = {};

  /// Reads `base_url`, `port`, `start_server`, `host` and `cors`. Fails with `config_invalid` for one that
  /// would have no effect.
  static Result<Place> read(const Value& settings);
};

/// Finds one LM Studio, and starts its HTTP server if requested. The result is kept until it is
/// forgotten. [thread-safe]
class Locator {
 public:
  /// `host` must outlive it.
  Locator(Place place, kit::ServerAccess access, Host& host);

  /// Its HTTP server, once that has shown that it is LM Studio's. `unreachable` says what was tried, and what
  /// was found there.
  Result<std::shared_ptr<kit::HttpClient>> http(const kit::CallScope& scope);
  /// The same if it is known; else null.
  std::shared_ptr<kit::HttpClient> cached_http() const;
  /// Its WebSockets: at the HTTP server's port, else, on this machine, at the SDK's own.
  Result<std::shared_ptr<SdkClient>> sdk(Cancellation& cancellation);
  /// The server has gone: search again.
  void forget();

  /// The addresses at which its HTTP server may be, the likeliest first.
  std::vector<kit::ServerUrl> candidates() const;
  /// True when it can only be on this machine.
  bool local() const { return !place_.url || is_this_machine(*place_.url); }
  const Place& place() const { return place_; }
  /// The server at the configured address, whoever it is; null if it may be elsewhere.
  const std::shared_ptr<kit::HttpClient>& at_fixed_url() const { return at_fixed_url_; }
  const kit::ServerAccess& access() const { return access_; }
  Host& host() const { return host_; }

 private:
  std::shared_ptr<kit::HttpClient> keep(std::shared_ptr<kit::HttpClient> client);
  Result<std::shared_ptr<kit::HttpClient>> find_http(std::vector<Probe>& probes, Cancellation& cancellation);
  Result<std::shared_ptr<kit::HttpClient>> start_http(const kit::ServerUrl& url, Cancellation& cancellation);
  void warn_of_fixed_settings(const kit::ServerUrl& url);
  Status start_server(std::uint16_t port, Cancellation& cancellation);
  Result<std::shared_ptr<SdkClient>> look_for_sdk(Cancellation& cancellation);
  Result<std::shared_ptr<SdkClient>> sdk_at_own_port(Cancellation& cancellation);

  const Place place_;
  const kit::ServerAccess access_;
  Host& host_;
  std::shared_ptr<kit::HttpClient> at_fixed_url_;
  std::mutex starting_;       // held while the server is searched for, and started
  mutable std::mutex mutex_;  // guards what follows; not held during requests
  std::shared_ptr<kit::HttpClient> http_;
  std::shared_ptr<SdkClient> sdk_;
  bool started_ = false;  // by us
  bool told_of_fixed_settings_ = false;
};

}  // namespace tachikoma::lmstudio
