// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/http/http_endpoint.hpp"
#include "common/http/web_socket.hpp"
#include "common/net/call_scope.hpp"
#include "common/net/local_cancellation.hpp"
#include "common/net/tls.hpp"
#include "common/net/wakeup.hpp"
#include "lmstudio/sdk_calls.hpp"
#include "lmstudio/sdk_client.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

/// What the sockets of one client share.
struct SdkServer {
  SdkServer(kit::ServerUrl url, const kit::ServerAccess& access, Host& host, SdkTimeouts limits);

  std::string name() const { return endpoint.url_text(); }

  kit::HttpEndpoint endpoint;
  kit::TlsClient tls;
  const std::vector<std::pair<std::string, std::string>> headers;
  const std::string api_key;
  const SdkIdentity identity;
  const SdkTimeouts timeouts;
  std::atomic<bool> authenticated = false;  ///< the server knows this client
};

/// One WebSocket, from connecting to its loss: a separate thread does all work on it, and callers
/// wait for that thread. Once it is lost, it is replaced by a new one. [thread-safe]
class SdkSocket {
 public:
  using Clock = kit::CallScope::Clock;
  using Limit = std::optional<Clock::time_point>;
  /// Why a wait is over.
  enum class Wake : std::uint8_t { news, cancelled, expired };

  /// `server` must outlive it.
  SdkSocket(SdkServer& server, Namespace name);
  ~SdkSocket();

  /// Adds `exchange`, and sends its opening message `text` as soon as possible; the first one makes it
  /// connect. False if it is lost already. `exchange` must live until `leave`.
  bool begin(SdkExchange& exchange, const std::string& text);
  /// Removes `exchange`: unsent messages are dropped, and so are later replies.
  void leave(SdkExchange& exchange);
  /// Sends another message of `exchange`.
  void send(SdkExchange& exchange, std::string text);
  /// Ends the wait for `exchange`.
  void cancel(SdkExchange& exchange);

  bool is_open() const;
  /// Waits until it is open, or `exchange` has ended.
  Wake wait_until_open(SdkExchange& exchange, Limit limit);
  /// Waits until `exchange` has a message, or has ended. `honor_cancellation`: or is cancelled.
  Wake wait_for_news(SdkExchange& exchange, Limit limit, bool honor_cancellation);
  /// The next message; nullopt if there is none.
  std::optional<Value> take(SdkExchange& exchange);

 private:
  enum class Stage : std::uint8_t { idle, connecting, upgrading, authenticating, open, lost };
  struct Outgoing {
    const SdkExchange* exchange;
    std::string text;
  };

  template <class Ready>
  Wake wait(SdkExchange& exchange, Limit limit, bool honor_cancellation, Ready ready);
  std::chrono::milliseconds limit_of(Stage stage) const;
  bool connecting() const { return stage_ != Stage::open && stage_ != Stage::lost; }
  void start();
  void lose(const Error& error);
  Error too_slow() const;

  void run();
  Error converse();
  bool enter(Stage stage);
  Result<std::unique_ptr<kit::WebSocket>> connect();
  Status authenticate(kit::WebSocket& socket);
  Result<std::string> receive(kit::WebSocket& socket);
  Error serve(kit::WebSocket& socket);
  Status flush(kit::WebSocket& socket);
  Status handle(kit::WebSocket& socket, std::string_view text);
  Error lost(const Error& cause) const { return error_from_loss(cause, server_.name(), path_); }

  SdkServer& server_;
  const std::string path_;
  kit::LocalCancellation abandoned_;  // ends what the thread does
  const kit::Wakeup wakeup_;

  mutable std::mutex mutex_;  // all below but the thread; every exchange
  Stage stage_ = Stage::idle;
  Clock::time_point stage_end_{};
  SdkCalls calls_;
  std::deque<Outgoing> outbox_;
  std::thread thread_;
};

}  // namespace tachikoma::lmstudio
