// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/http/connection_pool.hpp"
#include "common/http/server_access.hpp"
#include "common/net/resolver.hpp"
#include "common/net/server_url.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/host.hpp"

namespace tachikoma::kit {

/// One request. Views live until the exchange ends.
struct HttpRequest {
  std::string_view method = "GET";
  std::string path;  ///< from the API's root, as in "/v1/models"
  std::string_view body = {};
  std::string_view accept = "application/json";
  bool with_key = true;  ///< send the api_key, when there is one
};

/// What every way of talking to one HTTP server shares: where it is, how a request is written, the
/// connections that are kept, and what its failures are called. [thread-safe]
class HttpEndpoint {
 public:
  /// `host` must outlive it.
  HttpEndpoint(ServerUrl url, const ServerAccess& access, Host& host);

  const ServerUrl& url() const { return url_; }
  Resolver& resolver() { return resolver_; }
  ConnectionPool& pool() { return pool_; }

  /// Head and body.
  std::string write(const HttpRequest& request) const;

  /// No connection could be made; `cause` may come from any step of it.
  Error no_server(Error cause) const;
  /// The server was reached and gave no whole answer. `how` continues "the server at … ".
  Error lost(std::string_view how, std::string_view reason, std::string_view cause = {}) const;
  /// What answers does not speak HTTP.
  Error no_http(std::string_view failure) const;

  /// Says that a kept connection was lost before any answer, and that the request is sent once more.
  void report_resent();
  /// How often that happened.
  std::size_t resent() const { return resent_; }

 private:
  const ServerUrl url_;
  Host& host_;
  std::string common_headers_;
  std::string authorization_;
  Resolver resolver_;
  ConnectionPool pool_;
  std::atomic<std::size_t> resent_ = 0;
};

}  // namespace tachikoma::kit
