// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "common/http/server_access.hpp"
#include "common/net/call_scope.hpp"
#include "common/net/server_url.hpp"
#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// The WebSockets that LM Studio offers: one for each part of its SDK.
enum class Namespace : std::uint8_t { llm, embedding, system, diagnostics, files, repository, runtime };

/// "llm", "embedding", …: also the last segment of the socket's path.
std::string_view to_string(Namespace name);

/// How long an `SdkClient` waits if its caller sets no deadline.
struct SdkTimeouts {
  std::chrono::milliseconds connect = std::chrono::seconds(5);  ///< with TLS's handshake
  std::chrono::milliseconds upgrade = std::chrono::seconds(5);
  std::chrono::milliseconds authenticate = std::chrono::seconds(5);
  std::chrono::milliseconds answer = std::chrono::seconds(30);  ///< to a call
  std::chrono::milliseconds stop = std::chrono::seconds(1);     ///< for a channel that was told to stop
};

/// Speaks LM Studio's SDK protocol with one server, over a socket for each namespace that is used. A socket
/// is opened by the first call, and again by the first call after it was lost; active calls then fail
/// with `unreachable`, because nothing can be resumed. No call hangs: each ends with its scope, or with a
/// timeout. [thread-safe] Calls may overlap, on the same socket too.
class SdkClient {
 public:
  /// `url` is the HTTP server's; its prefix, without the last `/v1`, is the sockets' too. `host` must outlive
  /// it.
  SdkClient(kit::ServerUrl url, const kit::ServerAccess& access, Host& host, SdkTimeouts timeouts = {});
  ~SdkClient();

  const kit::ServerUrl& url() const;

  /// Calls `endpoint`, and returns its result; null where it has none. A null `parameter` is left out. Fails
  /// with the server's error, with `unreachable` if there is no socket, `unauthenticated`,
  /// `unsupported` when the server does not know the endpoint or refuses the upgrade, `timeout`, `protocol`,
  /// `cancelled`. Enters the phase `connecting` where it must connect, then `waiting`.
  Result<Value> call(Namespace name, std::string_view endpoint, const Value& parameter,
                     const kit::CallScope& scope);

  using OnMessage = std::function<Flow(const Value& message)>;
  /// Opens a channel and hands each of its messages to `on_message`, on this thread, until the server closes
  /// it. When the scope is cancelled or `on_message` stops, `stop_message` is sent, and the channel is waited
  /// for no longer than a second: then `cancelled`. Silence is not an error. Fails as `call` does. Enters the
  /// phase `connecting` where it must connect, then `loading`.
  Status channel(Namespace name, std::string_view endpoint, const Value& parameter,
                 const OnMessage& on_message, const kit::CallScope& scope, const Value& stop_message);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tachikoma::lmstudio
