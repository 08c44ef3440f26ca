// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/http/http_endpoint.hpp"
#include "common/http/response_reader.hpp"
#include "common/net/connect_race.hpp"
#include "common/net/connection.hpp"
#include "common/net/io_loop.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/capability/name_resolver.hpp"

namespace tachikoma::kit {

/// One request and its response on an I/O loop, over plain HTTP: what `HttpClient::exchange` does, without
/// waiting. Used on the loop's thread only.
class AsyncExchange {
 public:
  /// `head` and `body` are the request. `task` is advanced whenever there is something to do. All must
  /// outlive it.
  AsyncExchange(IoLoop& loop, IoLoop::Task& task, HttpEndpoint& endpoint, std::string head, std::string body,
                ResponseHandler& handler, const CallContext& context);
  ~AsyncExchange() { drop_all(); }
  AsyncExchange(const AsyncExchange&) = delete;
  AsyncExchange& operator=(const AsyncExchange&) = delete;

  /// Does what can be done without waiting. Returns the result, as `HttpClient::exchange` does; nullopt while
  /// it runs.
  std::optional<Status> advance();

 private:
  enum class State : std::uint8_t { open, resolve, connect, send, receive };
  // The result of a step: continue with the next, wait for something, or `end_` is set.
  enum class Step : std::uint8_t { next, wait, end };

  Step step();
  Step open();
  Step resolve();
  Step race(std::vector<SocketAddress> addresses);
  Step connect();
  Step begin(std::unique_ptr<Connection> connection);
  Step send();
  Step receive();
  Step after_piece();
  Step send_again();
  Step follow();
  Step keep();
  Step end(Status status);
  Step wait_for(int fd, std::uint32_t events);
  void unwatch_race();
  void drop_connection();
  void drop_all();

  IoLoop& loop_;
  IoLoop::Task& task_;
  HttpEndpoint& endpoint_;
  ResponseHandler& handler_;
  const CallContext& context_;
  std::string head_, body_;  // until the response is known to be no redirect
  State state_ = State::open;
  bool reused_ = false;  // the connection carried a request before
  bool fresh_only_ = false;
  OutgoingBytes unsent_{};
  int redirects_ = 0;
  std::unique_ptr<NameLookup> lookup_;
  std::optional<ConnectRace> race_;
  std::unique_ptr<Connection> connection_;
  std::optional<ResponseReader> reader_;
  std::optional<IoLoop::Clock::time_point> grace_;  // for the end of a response that no longer matters
  std::optional<Status> end_;
};

}  // namespace tachikoma::kit
