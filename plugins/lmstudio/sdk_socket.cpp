// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <variant>

#include "base/durations.hpp"
#include "base/try.hpp"
#include "common/net/socket.hpp"

namespace tachikoma::lmstudio {
namespace {

Error given_up() { return Error(ErrorCode::cancelled, "its result is no longer wanted"); }

}  // namespace

SdkServer::SdkServer(kit::ServerUrl url, const kit::ServerAccess& access, Host& host, SdkTimeouts limits)
    : endpoint(std::move(url), access, host),
      tls(access.tls),
      headers(access.headers),
      api_key(access.api_key),
      identity(make_identity(access.api_key)),
      timeouts(limits) {}

SdkSocket::SdkSocket(SdkServer& server, Namespace name)
    : server_(server), path_(server.endpoint.url().prefix + "/" + std::string(to_string(name))) {}

SdkSocket::~SdkSocket() {
  {
    const std::lock_guard lock(mutex_);
    lose(given_up());
  }
  if (thread_.joinable()) thread_.join();
}

bool SdkSocket::begin(SdkExchange& exchange, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::lost) return false;
  calls_.add(exchange);
  outbox_.push_back({&exchange, text});
  if (stage_ == Stage::idle)
    start();
  else
    wakeup_.set();
  return true;
}

void SdkSocket::start() {
  if (wakeup_.fd() < 0) return lose(kit::connect_error(EMFILE));
  stage_ = Stage::connecting;
  stage_end_ = Clock::now() + limit_of(stage_);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& failure) {
    lose(Error(ErrorCode::overloaded,
               "this process can't start another thread: " + kit::errno_text(failure.code().value()),
               "run fewer calls at a time, or raise the limit (ulimit -u)"));
  }
}

void SdkSocket::leave(SdkExchange& exchange) {
  const std::lock_guard lock(mutex_);
  calls_.remove(exchange);
  std::erase_if(outbox_, [&](const Outgoing& each) { return each.exchange == &exchange; });
  if (connecting() && calls_.empty()) lose(given_up());
}

void SdkSocket::send(SdkExchange& exchange, std::string text) {
  const std::lock_guard lock(mutex_);
  if (exchange.ended) return;
  outbox_.push_back({&exchange, std::move(text)});
  wakeup_.set();
}

void SdkSocket::cancel(SdkExchange& exchange) {
  const std::lock_guard lock(mutex_);
  exchange.cancelled = true;
  exchange.changed.notify_all();
}

bool SdkSocket::is_open() const {
  const std::lock_guard lock(mutex_);
  return stage_ == Stage::open;
}

template <class Ready>
SdkSocket::Wake SdkSocket::wait(SdkExchange& exchange, Limit limit, bool honor_cancellation, Ready ready) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (exchange.ended) return Wake::news;
    if (honor_cancellation && exchange.cancelled) return Wake::cancelled;
    const auto now = Clock::now();
    if (limit && now >= *limit) return Wake::expired;  // before news: they may never end
    if (ready()) return Wake::news;
    Limit until = limit;
    if (connecting()) {
      if (now >= stage_end_) {
        lose(too_slow());
        continue;
      }
      until = until ? std::min(*until, stage_end_) : stage_end_;
    }
    if (until)
      exchange.changed.wait_until(lock, *until);
    else
      exchange.changed.wait(lock);
  }
}

SdkSocket::Wake SdkSocket::wait_until_open(SdkExchange& exchange, Limit limit) {
  return wait(exchange, limit, true, [&] { return stage_ == Stage::open; });
}

SdkSocket::Wake SdkSocket::wait_for_news(SdkExchange& exchange, Limit limit, bool honor_cancellation) {
  return wait(exchange, limit, honor_cancellation, [&] { return !exchange.messages.empty(); });
}

std::optional<Value> SdkSocket::take(SdkExchange& exchange) {
  const std::lock_guard lock(mutex_);
  if (exchange.messages.empty()) return std::nullopt;
  SdkExchange::Message message = std::move(exchange.messages.front());
  exchange.messages.pop_front();
  exchange.waiting_bytes -= message.size;
  return std::move(message.value);
}

// Everything fails immediately; the thread ends as soon as it notices.
void SdkSocket::lose(const Error& error) {
  if (stage_ == Stage::lost) return;
  stage_ = Stage::lost;
  outbox_.clear();
  calls_.fail_all(error);
  abandoned_.request();
}

std::chrono::milliseconds SdkSocket::limit_of(Stage stage) const {
  const SdkTimeouts& timeouts = server_.timeouts;
  return stage == Stage::connecting  ? timeouts.connect
         : stage == Stage::upgrading ? timeouts.upgrade
                                     : timeouts.authenticate;
}

Error SdkSocket::too_slow() const {
  const std::string at = "LM Studio at " + server_.name();
  const std::string socket = " its WebSocket '" + path_ + "' within ";
  std::string message = stage_ == Stage::connecting  ? at + " does not accept a connection within "
                        : stage_ == Stage::upgrading ? at + " does not answer the upgrade to" + socket
                                                     : at + " does not answer the authentication on" + socket;
  const char* stage = stage_ == Stage::connecting  ? "connect"
                      : stage_ == Stage::upgrading ? "upgrade"
                                                   : "authenticate";
  const auto limit = limit_of(stage_);
  Error error(ErrorCode::timeout, std::move(message) + base::describe_time(limit),
              "check that base_url is LM Studio's, and that it is not frozen",
              Value::object({{"clock", "connect"}, {"limit_ms", limit.count()}, {"stage", stage}}));
  error.retryable = true;
  return error;
}

void SdkSocket::run() {
  const auto end = [this]() -> Error {
    try {
      return converse();
    } catch (const std::exception& failure) {
      return Error(ErrorCode::internal, "the WebSocket '" + path_ + "' failed: " + failure.what());
    }
  }();
  const std::lock_guard lock(mutex_);
  lose(end);
}

Error SdkSocket::converse() {
  TACHIKOMA_TRY(std::unique_ptr<kit::WebSocket> socket, connect());
  const OnCancel cut(abandoned_, [&] {
    socket->interrupt();
    wakeup_.set();
  });
  TACHIKOMA_TRY_STATUS(authenticate(*socket));
  if (!enter(Stage::open)) return given_up();
  return serve(*socket);
}

bool SdkSocket::enter(Stage stage) {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::lost) return false;
  stage_ = stage;
  stage_end_ = Clock::now() + limit_of(stage);
  calls_.wake_all();
  return true;
}

Result<std::unique_ptr<kit::WebSocket>> SdkSocket::connect() {
  const kit::CallScope scope{abandoned_};
  kit::HttpEndpoint& endpoint = server_.endpoint;
  auto connection = kit::Connection::open(endpoint.url(), endpoint.resolver(), server_.tls, scope);
  if (!connection) return endpoint.no_server(std::move(connection).error());
  if (!enter(Stage::upgrading)) return given_up();
  const kit::UpgradeRequest request{endpoint.url().authority(), path_, server_.headers};
  auto upgrade = kit::WebSocket::open(*std::move(connection), request, scope);
  if (!upgrade) return lost(upgrade.error());
  if (const auto* answer = std::get_if<kit::Document>(&*upgrade))
    return error_from_upgrade(*answer, server_.name(), path_, server_.authenticated);
  return std::get<std::unique_ptr<kit::WebSocket>>(*std::move(upgrade));
}

Status SdkSocket::authenticate(kit::WebSocket& socket) {
  if (!enter(Stage::authenticating)) return given_up();
  if (Status sent = socket.send(encode_auth(server_.identity)); !sent) return lost(sent.error());
  const Result<std::string> text = receive(socket);
  if (!text) return lost(text.error());
  const Result<SdkAuthAnswer> answer = decode_auth_answer(*text);
  if (!answer) return lost(answer.error());
  if (!answer->accepted) return error_from_auth(answer->refusal, server_.name(), server_.api_key);
  server_.authenticated = true;
  return Done{};
}

Result<std::string> SdkSocket::receive(kit::WebSocket& socket) {
  while (true) {
    if (!socket.wait(wakeup_)) continue;
    TACHIKOMA_TRY(std::optional<std::string> message, socket.receive());
    if (message) return *std::move(message);
  }
}

Error SdkSocket::serve(kit::WebSocket& socket) {
  while (true) {
    TACHIKOMA_TRY_STATUS(flush(socket));
    if (!socket.wait(wakeup_)) continue;
    const Result<std::optional<std::string>> message = socket.receive();
    if (!message) return lost(message.error());
    if (!*message) continue;
    TACHIKOMA_TRY_STATUS(handle(socket, **message));
  }
}

Status SdkSocket::flush(kit::WebSocket& socket) {
  std::deque<Outgoing> outgoing;
  {
    const std::lock_guard lock(mutex_);
    outgoing.swap(outbox_);
  }
  for (const Outgoing& each : outgoing)
    if (Status sent = socket.send(each.text); !sent) return lost(sent.error());
  return Done{};
}

Status SdkSocket::handle(kit::WebSocket& socket, std::string_view text) {
  Result<SdkFrame> frame = decode_frame(text);
  if (!frame) return lost(frame.error());
  const std::int64_t id = frame->id;
  const std::optional<std::int64_t> ack = frame->ack_id;
  {
    const std::lock_guard lock(mutex_);
    calls_.deliver(*std::move(frame));
  }
  if (!ack) return Done{};
  if (Status sent = socket.send(encode_channel_ack(id, *ack)); !sent) return lost(sent.error());
  return Done{};
}

}  // namespace tachikoma::lmstudio
