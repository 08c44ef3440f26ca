// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/call_scope.hpp"
#include "common/connection.hpp"
#include "common/http_response.hpp"
#include "common/resolver.hpp"
#include "common/server_settings.hpp"
#include "common/server_url.hpp"
#include "common/tls.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// One request. Views live until the exchange ends.
struct HttpRequest {
  std::string_view method = "GET";
  std::string path;  ///< from the API's root, as in "/v1/models"
  std::string_view body = {};
  std::string_view accept = "application/json";
  bool with_key = true;  ///< send the api_key, when there is one
};

/// Speaks HTTP/1.1 with one server over kept connections. Blocking; proxies from the environment are not
/// used. [thread-safe] Exchanges may overlap, each on a connection of its own.
class HttpClient {
 public:
  HttpClient(ServerUrl url, const ServerSettings& settings);

  const ServerUrl& url() const { return url_; }

  /// Sends `request` and feeds `handler` with the response until it ends or the handler stops it; then the
  /// connection is closed at once. Fails with `unreachable` when the server can't be reached or goes away,
  /// `protocol` when what it sends is not HTTP, `cancelled`.
  Status exchange(const HttpRequest& request, ResponseHandler& handler, const CallScope& scope);

 private:
  enum class End : std::uint8_t { whole, stopped, lost_before_reply };

  std::string write_head(const HttpRequest& request) const;
  std::unique_ptr<Connection> take_idle();
  void keep(std::unique_ptr<Connection> connection, const HttpResponseParser& parser);
  Result<std::unique_ptr<Connection>> connect(const CallScope& scope);
  Result<End> converse(std::unique_ptr<Connection> connection, std::string_view bytes,
                       ResponseHandler& handler, const CallScope& scope);
  Error lost(const std::string& how, const std::string& cause) const;

  ServerUrl url_;
  std::string common_headers_;
  std::string authorization_;
  Resolver resolver_;
  TlsClient tls_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last one was used last
};

/// A reply that is read whole.
struct Document {
  int status = 0;
  std::string server;  ///< the Server header
  std::string retry_after;
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
};

/// Fetches a whole reply of at most 64 MiB. Fails as `exchange` does.
Result<Document> fetch(HttpClient& client, const HttpRequest& request, const CallScope& scope);

}  // namespace tachikoma::kit
