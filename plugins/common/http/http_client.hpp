// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/http/http_endpoint.hpp"
#include "common/http/http_response.hpp"
#include "common/http/response_reader.hpp"
#include "common/net/call_scope.hpp"
#include "common/net/tls.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// Speaks HTTP/1.1 with one server over kept connections. Blocking; proxies from the environment are not
/// used. [thread-safe] Exchanges may overlap, each on a connection of its own.
class HttpClient {
 public:
  /// `host` must outlive it.
  HttpClient(ServerUrl url, const ServerAccess& access, Host& host)
      : tls_(access.tls), endpoint_(std::move(url), access, host) {}

  const ServerUrl& url() const { return endpoint_.url(); }
  const std::string& url_text() const { return endpoint_.url_text(); }
  /// For non-blocking exchanges; its connections are shared with them.
  HttpEndpoint& endpoint() { return endpoint_; }

  /// Sends `request` and passes the response to `handler` until it ends or the handler stops it; then the
  /// connection is closed immediately. Fails with `unreachable` if the server can't be reached or goes away,
  /// `protocol` if its reply is not HTTP, `overloaded` if this process has no descriptor left, and
  /// `cancelled`.
  Status exchange(const HttpRequest& request, ResponseHandler& handler, const CallScope& scope);

 private:
  Result<std::unique_ptr<Connection>> connect(const CallScope& scope);
  Result<ResponseReader::Progress> converse(Connection& connection, const OutgoingBytes& request,
                                            ResponseReader& reader, const CallScope& scope);

  TlsClient tls_;
  HttpEndpoint endpoint_;
};

/// A complete reply.
struct Document {
  int status = 0;
  std::string server;  ///< the Server header
  std::string retry_after;
  std::string body;  ///< `kTailRoom` bytes behind it are readable

  bool ok() const { return status >= 200 && status < 300; }
};

/// Fetches a whole reply of at most 64 MiB. Fails as `exchange` does.
Result<Document> fetch(HttpClient& client, const HttpRequest& request, const CallScope& scope);

}  // namespace tachikoma::kit
