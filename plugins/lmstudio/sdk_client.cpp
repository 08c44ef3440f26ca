// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_client.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/try.hpp"
#include "lmstudio/sdk_calls.hpp"
#include "lmstudio/sdk_error.hpp"
#include "lmstudio/sdk_frames.hpp"
#include "lmstudio/sdk_socket.hpp"

namespace tachikoma::lmstudio {
namespace {

using Kind = SdkExchange::Kind;
using Wake = SdkSocket::Wake;
using Clock = SdkSocket::Clock;

constexpr std::array<std::string_view, 7> kNamespaces{"llm",   "embedding",  "system", "diagnostics",
                                                      "files", "repository", "runtime"};

Error cancelled(const SdkExchange& exchange) {
  return Error(ErrorCode::cancelled, "cancelled while waiting for '" + exchange.name.endpoint + "'");
}

Error late(const SdkExchange& exchange) {
  return Error(
      ErrorCode::timeout,
      "LM Studio at " + exchange.name.server + " does not answer '" + exchange.name.endpoint + "' in time",
      "look at LM Studio's log: it may be busy, or frozen", Value::object({{"clock", "first_token"}}));
}

Error too_large(const SdkExchange& exchange, std::size_t size) {
  return Error(ErrorCode::invalid_argument, "what '" + exchange.name.endpoint + "' is given has " +
                                                std::to_string(size) + " bytes, more than 64 MiB");
}

// The result of a channel that the server closed.
Status outcome(const SdkExchange& exchange, std::optional<Error> stopped) {
  if (stopped) return *std::move(stopped);
  if (exchange.failure) return *exchange.failure;
  return Done{};
}

}  // namespace

std::string_view to_string(Namespace name) { return kNamespaces[static_cast<std::size_t>(name)]; }

class SdkClient::Impl {
 public:
  Impl(kit::ServerUrl url, const kit::ServerAccess& access, Host& host, SdkTimeouts timeouts)
      : server_(std::move(url), access, host, timeouts) {}

  SdkServer& server() { return server_; }
  const SdkTimeouts& timeouts() const { return server_.timeouts; }

  SdkExchange exchange(Kind kind, Namespace name, std::string_view endpoint, const Value& parameter) {
    return {kind, slot(name).next_id++,
            SdkCallName{server_.name(), std::string(to_string(name)) + "." + std::string(endpoint),
                        model_of(parameter)}};
  }

  // Uses the existing socket, or a new one.
  std::shared_ptr<SdkSocket> begin(Namespace name, SdkExchange& exchange, const std::string& text) {
    Slot& where = slot(name);
    std::shared_ptr<SdkSocket> lost;  // destroyed after the lock is released
    const std::lock_guard lock(where.mutex);
    if (!where.socket || !where.socket->begin(exchange, text)) {
      lost = std::exchange(where.socket, std::make_shared<SdkSocket>(server_, name));
      where.socket->begin(exchange, text);
    }
    return where.socket;
  }

 private:
  struct Slot {
    std::atomic<std::int64_t> next_id = 0;  // for calls and channels together, as the official clients do
    std::mutex mutex;                       // socket
    std::shared_ptr<SdkSocket> socket;
  };

  Slot& slot(Namespace name) { return slots_[static_cast<std::size_t>(name)]; }

  SdkServer server_;
  std::array<Slot, kNamespaces.size()> slots_;
};

namespace {

// An exchange on its socket, while the caller waits.
class JoinedExchange {
 public:
  JoinedExchange(std::shared_ptr<SdkSocket> socket, SdkExchange& exchange, const kit::CallScope& scope)
      : socket_(std::move(socket)),
        exchange_(exchange),
        scope_(scope),
        wake_(scope.cancellation, Cancel{*socket_, exchange}) {}
  ~JoinedExchange() { socket_->leave(exchange_); }
  JoinedExchange(const JoinedExchange&) = delete;
  JoinedExchange& operator=(const JoinedExchange&) = delete;

  /// Waits until the socket is open; then enters the phase `next`.
  Status open(Phase next) {
    if (!socket_->is_open()) scope_.enter(Phase::connecting);
    const Wake wake = socket_->wait_until_open(exchange_, scope_.deadline);
    if (wake == Wake::cancelled) return cancelled(exchange_);
    if (wake == Wake::expired) return late(exchange_);
    scope_.enter(next);
    return Done{};
  }

  SdkSocket& socket() { return *socket_; }

 private:
  struct Cancel {
    SdkSocket& socket;
    SdkExchange& exchange;
    void operator()() const { socket.cancel(exchange); }
  };

  std::shared_ptr<SdkSocket> socket_;
  SdkExchange& exchange_;
  const kit::CallScope& scope_;
  OnCancel<Cancel> wake_;  // destroyed first
};

}  // namespace

SdkClient::SdkClient(kit::ServerUrl url, const kit::ServerAccess& access, Host& host, SdkTimeouts timeouts)
    : impl_(std::make_unique<Impl>(std::move(url), access, host, timeouts)) {}
SdkClient::~SdkClient() = default;

const kit::ServerUrl& SdkClient::url() const { return impl_->server().endpoint.url(); }

Result<Value> SdkClient::call(Namespace name, std::string_view endpoint, const Value& parameter,
                              const kit::CallScope& scope) {
  SdkExchange exchange = impl_->exchange(Kind::rpc, name, endpoint, parameter);
  if (scope.cancellation.requested()) return cancelled(exchange);
  const std::string text = encode_rpc_call(exchange.id, endpoint, parameter);
  if (text.size() > kit::kMaxWebSocketMessage) return too_large(exchange, text.size());
  JoinedExchange joined(impl_->begin(name, exchange, text), exchange, scope);
  TACHIKOMA_TRY_STATUS(joined.open(Phase::waiting));
  const auto limit = scope.deadline.value_or(Clock::now() + impl_->timeouts().answer);
  const Wake wake = joined.socket().wait_for_news(exchange, limit, true);
  if (wake == Wake::cancelled) return cancelled(exchange);
  if (wake == Wake::expired) return late(exchange);
  if (std::optional<Value> result = joined.socket().take(exchange)) return *std::move(result);
  return *exchange.failure;
}

Status SdkClient::channel(Namespace name, std::string_view endpoint, const Value& parameter,
                          const OnMessage& on_message, const kit::CallScope& scope,
                          const Value& stop_message) {
  SdkExchange exchange = impl_->exchange(Kind::channel, name, endpoint, parameter);
  if (scope.cancellation.requested()) return cancelled(exchange);
  const std::string text = encode_channel_create(exchange.id, endpoint, parameter);
  if (text.size() > kit::kMaxWebSocketMessage) return too_large(exchange, text.size());
  JoinedExchange joined(impl_->begin(name, exchange, text), exchange, scope);
  TACHIKOMA_TRY_STATUS(joined.open(Phase::loading));
  SdkSocket::Limit limit = scope.deadline;
  Flow flow = Flow::proceed;
  std::optional<Error> stopped;  // why the channel was told to stop
  while (true) {
    const Wake wake = joined.socket().wait_for_news(exchange, limit, !stopped);
    if (wake == Wake::expired && stopped) return *std::move(stopped);
    const std::optional<Value> message =
        wake == Wake::news ? joined.socket().take(exchange) : std::optional<Value>();
    if (wake == Wake::news && !message) return outcome(exchange, std::move(stopped));
    if (message && flow == Flow::proceed) flow = on_message(*message);
    if (stopped || (message && flow == Flow::proceed)) continue;
    stopped = wake == Wake::expired ? late(exchange) : cancelled(exchange);
    limit = Clock::now() + impl_->timeouts().stop;
    if (!stop_message.is_null())
      joined.socket().send(exchange, encode_channel_send(exchange.id, stop_message));
  }
}

}  // namespace tachikoma::lmstudio
