// SPDX-License-Identifier: MIT
#include "common/http/http_client.hpp"

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "common/net/tail_room.hpp"

namespace tachikoma::kit {
namespace {

using Progress = ResponseReader::Progress;

constexpr std::size_t kMaxDocument = 64 * 1024 * 1024;

class DocumentReader final : public ResponseHandler {
 public:
  Flow on_head(const HttpHead& head) override {
    document.status = head.status;
    document.server = head.header("Server");
    document.retry_after = head.header("Retry-After");
    if (head.length) document.body.reserve(std::min(*head.length, kMaxDocument) + kTailRoom);
    return Flow::proceed;
  }
  Flow on_body(std::string_view bytes) override {
    too_large = document.body.size() + bytes.size() > kMaxDocument;
    if (!too_large) document.body += bytes;
    return too_large ? Flow::stop : Flow::proceed;
  }

  Document document;
  bool too_large = false;
};

}  // namespace

Result<std::unique_ptr<Connection>> HttpClient::connect(const CallScope& scope) {
  scope.enter(Phase::connecting);
  auto connection = Connection::open(url(), endpoint_.resolver(), tls_, scope);
  if (!connection) return endpoint_.no_server(std::move(connection).error());
  return connection;
}

Result<Progress> HttpClient::converse(Connection& connection, const OutgoingBytes& request,
                                      ResponseReader& reader, const CallScope& scope) {
  const OnCancel cut(scope.cancellation, [&] { connection.interrupt(); });
  if (Status sent = connection.send(request); !sent) reader.on_send_failure(std::move(sent).error().message);
  scope.enter(Phase::waiting);
  while (true) {
    reader.pause();
    const auto left = reader.time_left();
    if (left && (left->count() == 0 || !connection.wait(*left))) return Progress::stopped;
    const Result<std::string_view> received = connection.receive(scope);
    if (scope.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
    if (!received && received.error().code == ErrorCode::timeout)
      return endpoint_.lost("does not answer in time", "silent");
    Result<Progress> progress =
        received ? reader.read(*received) : reader.read_failure(received.error().message);
    if (!progress || *progress != Progress::more) return progress;
  }
}

Status HttpClient::exchange(const HttpRequest& request, ResponseHandler& handler, const CallScope& scope) {
  std::string head = endpoint_.write_head(request);
  int redirects = 0;
  // a kept connection may have been closed while the request was on its way; a fresh one is tried then
  for (std::unique_ptr<Connection> connection = endpoint_.pool().take();;) {
    const bool reused = connection != nullptr;
    if (scope.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
    if (!reused) {
      TACHIKOMA_TRY(connection, connect(scope));
    }
    ResponseReader reader(endpoint_, handler);
    TACHIKOMA_TRY(const Progress end, converse(*connection, {head, request.body}, reader, scope));
    if (end == Progress::redirected) {
      if (++redirects > kMaxRedirects) return endpoint_.redirected_too_often();
      head = HttpEndpoint::readdress(head, reader.target());
      connection = endpoint_.pool().take();
      continue;
    }
    if (end == Progress::whole) endpoint_.pool().keep(std::move(connection), reader.response());
    if (end != Progress::lost_before_reply) return Done{};
    if (!reused) return endpoint_.lost("closed the connection without an answer", "closed");
    endpoint_.report_resent();
    connection = nullptr;
  }
}

Result<Document> fetch(HttpClient& client, const HttpRequest& request, const CallScope& scope) {
  DocumentReader reader;
  TACHIKOMA_TRY_STATUS(client.exchange(request, reader, scope));
  if (reader.too_large)
    return Error(ErrorCode::limit_exceeded,
                 "the reply of " + client.url_text() + request.path + " is larger than 64 MiB");
  if (reader.document.body.starts_with(base::kByteOrderMark))
    reader.document.body.erase(0, base::kByteOrderMark.size());
  reader.document.body.reserve(reader.document.body.size() + kTailRoom);
  return std::move(reader.document);
}

}  // namespace tachikoma::kit
