// SPDX-License-Identifier: MIT
#include "common/http_client.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kMaxIdle = 64;
constexpr std::size_t kMaxDocument = 64 * 1024 * 1024;
constexpr auto kDefaultIdle = std::chrono::seconds(60);  // a closed connection is noticed anyway
constexpr auto kGraceForTheEnd = std::chrono::milliseconds(50);

class DocumentReader final : public ResponseHandler {
 public:
  Flow on_head(const HttpHead& head) override {
    document.status = head.status;
    document.server = head.header("Server");
    document.retry_after = head.header("Retry-After");
    return Flow::proceed;
  }
  Flow on_body(std::string_view bytes) override {
    too_large = document.body.size() + bytes.size() > kMaxDocument;
    if (!too_large) document.body += bytes;
    return too_large ? Flow::stop : Flow::proceed;
  }
  bool satisfied() const override { return false; }

  Document document;
  bool too_large = false;
};

}  // namespace

HttpClient::HttpClient(ServerUrl url, const ServerSettings& settings)
    : url_(std::move(url)), tls_(settings.tls) {
  const auto given = [&](std::string_view name) {
    return std::any_of(settings.headers.begin(), settings.headers.end(),
                       [&](const auto& header) { return base::same_ignoring_case(header.first, name); });
  };
  common_headers_ = "Host: " + url_.authority() + "\r\n";
  if (!given("User-Agent")) common_headers_ += std::string("User-Agent: tachikoma/") + kVersion + "\r\n";
  for (const auto& [name, value] : settings.headers) common_headers_ += name + ": " + value + "\r\n";
  if (!settings.api_key.empty()) authorization_ = "Authorization: Bearer " + settings.api_key + "\r\n";
}

std::string HttpClient::write_head(const HttpRequest& request) const {
  std::string head;
  head.reserve(common_headers_.size() + authorization_.size() + request.path.size() + request.body.size() +
               256);
  head.append(request.method).append(" ").append(url_.prefix).append(request.path).append(" HTTP/1.1\r\n");
  head += common_headers_;
  if (request.with_key) head += authorization_;
  head.append("Accept: ").append(request.accept).append("\r\n");
  if (request.method != "GET") {
    head += "Content-Type: application/json\r\nContent-Length: ";
    head += std::to_string(request.body.size());
    head += "\r\n";
  }
  head += "\r\n";
  return head;
}

std::unique_ptr<Connection> HttpClient::take_idle() {
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (CallScope::Clock::now() < connection->idle_until && !connection->stale()) return connection;
  }
  return nullptr;
}

void HttpClient::keep(std::unique_ptr<Connection> connection, const HttpResponseParser& parser) {
  if (!parser.reusable()) return;
  // a second less than the server says: the request must arrive before it closes
  const auto announced = parser.keep_alive();
  connection->idle_until =
      CallScope::Clock::now() + (announced ? *announced - std::chrono::seconds(1) : kDefaultIdle);
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

Error HttpClient::lost(const std::string& how, const std::string& cause) const {
  return Error(ErrorCode::unreachable,
               "the server at " + url_.text() + " " + how + (cause.empty() ? "" : " (" + cause + ")"),
               "look at the server's log: it may have crashed or been stopped");
}

Result<std::unique_ptr<Connection>> HttpClient::connect(const CallScope& scope) {
  scope.enter(Phase::connecting);
  auto connection = Connection::open(url_, resolver_, tls_, scope);
  if (connection || connection.error().code == ErrorCode::cancelled) return connection;
  Error error = std::move(connection).error();
  error.message = "no server answers at " + url_.text() + " (" + error.message + ")";
  if (error.hint.empty()) error.hint = "start the server, or correct base_url";
  return error;
}

Result<HttpClient::End> HttpClient::converse(std::unique_ptr<Connection> connection, std::string_view bytes,
                                             ResponseHandler& handler, const CallScope& scope) {
  HttpResponseParser parser;
  std::string cause;
  {
    const OnCancel cut(scope.cancellation, [&] { connection->interrupt(); });
    // a server may refuse a request before it has read all of it: what it answered counts, not the failed
    // send
    if (const Status sent = connection->send(bytes); !sent) cause = sent.error().message;
    scope.enter(Phase::waiting);
    while (!parser.ended()) {
      if (handler.satisfied() && !connection->wait(kGraceForTheEnd)) return End::stopped;
      const Result<std::string_view> received = connection->receive(scope);
      if (scope.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
      if (!received && received.error().code == ErrorCode::timeout)
        return lost("does not answer in time", "");
      if (!received) cause = received.error().message;
      const bool closed = !received || received->empty();
      if (closed) parser.finish();
      if (pump(parser, handler, received ? *received : std::string_view()) == Flow::stop) return End::stopped;
      if (!parser.failure().empty())
        return Error(ErrorCode::protocol,
                     "the server at " + url_.text() + " is no HTTP server: " + parser.failure(),
                     "check host and port in base_url");
      if (closed && !parser.started()) return End::lost_before_reply;
      if (closed && !parser.ended()) return lost("closed the connection in mid-reply", cause);
    }
  }
  keep(std::move(connection), parser);
  return End::whole;
}

Status HttpClient::exchange(const HttpRequest& request, ResponseHandler& handler, const CallScope& scope) {
  std::string bytes = write_head(request);
  bytes += request.body;
  // a kept connection may have been closed while the request was on its way; a fresh one is tried then
  for (std::unique_ptr<Connection> connection = take_idle();;) {
    const bool reused = connection != nullptr;
    if (scope.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
    if (!reused) {
      auto opened = connect(scope);
      if (!opened) return std::move(opened).error();
      connection = *std::move(opened);
    }
    const Result<End> end = converse(std::move(connection), bytes, handler, scope);
    if (!end) return end.error();
    if (*end != End::lost_before_reply) return Done{};
    if (!reused) return lost("closed the connection without an answer", "");
    connection = nullptr;
  }
}

Result<Document> fetch(HttpClient& client, const HttpRequest& request, const CallScope& scope) {
  DocumentReader reader;
  if (Status done = client.exchange(request, reader, scope); !done) return std::move(done).error();
  if (reader.too_large)
    return Error(ErrorCode::protocol,
                 "the reply of " + client.url().text() + request.path + " is larger than 64 MiB");
  return std::move(reader.document);
}

}  // namespace tachikoma::kit
