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
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// One request. Views live until the exchange ends.
struct HttpRequest {
  std::string_view method = "GET";
  /// Behind the server's `prefix`, as in "/v1/models"; what is not constant, `percent_encoded`.
  std::string path;
  std::string_view end_of_path = {};  ///< a constant behind it
  std::string_view body = {};
  std::string_view accept = "application/json";
  std::string_view model = {};  ///< what it is for; named in the `model_header`, if there is one
  bool with_key = true;         ///< send the api_key, when there is one
};

/// How often a request follows redirects.
inline constexpr int kMaxRedirects = 5;

/// What the blocking and the non-blocking client of one HTTP server share: its address, the request format,
/// the idle connections, and the wording of errors. [thread-safe]
class HttpEndpoint {
 public:
  /// `host` must outlive it.
  HttpEndpoint(ServerUrl url, const ServerAccess& access, Host& host);

  const ServerUrl& url() const { return url_; }
  /// Its text, for messages.
  const std::string& url_text() const { return url_text_; }
  Resolver& resolver() { return resolver_; }
  ConnectionPool& pool() { return pool_; }

  /// The request's head.
  std::string write_head(const HttpRequest& request) const;
  /// The path of a redirect to this server that keeps method and body (307, 308). Fails with `protocol` for
  /// another one: what would be sent, the key included, is for the configured server only.
  Result<std::string> redirect_target(int status, std::string_view location) const;
  /// The written `head` for another path of this server.
  static std::string readdress(std::string_view head, std::string_view target);
  /// The error if a server redirects again and again.
  Error redirected_too_often() const;

  /// The error if no connection could be made; `cause` may come from any step.
  Error no_server(Error cause) const;
  /// The error if the server was reached but gave no complete answer. `how` continues "the server at … ".
  Error lost(std::string_view how, std::string_view reason, std::string_view cause = {}) const;
  /// The error if the answer is not HTTP.
  Error no_http(std::string_view failure) const;

  /// Logs that a kept connection was lost before any answer, and that the request is sent again.
  void report_resent();
  /// How many requests were sent again.
  std::size_t resent() const { return resent_; }

 private:
  // A header line; empty and logged if it would be more than one.
  std::string field(const std::string& name, const std::string& value);

  const ServerUrl url_;
  const std::string url_text_;
  Host& host_;
  std::string common_headers_;
  std::string authorization_;
  const std::string model_header_;
  Resolver resolver_;
  ConnectionPool pool_;
  std::atomic<std::size_t> resent_ = 0;
};

}  // namespace tachikoma::kit
