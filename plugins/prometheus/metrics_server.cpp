// SPDX-License-Identifier: MIT
#include "prometheus/metrics_server.hpp"

#include <cerrno>
#include <utility>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/ThreadPool.h>

namespace tachikoma::exposition {
namespace {

using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr int kThreads = 4;
constexpr int kWaiting = 16;
constexpr int kPatience = 10;  // seconds for a client that is silent or does not read

class MetricsHandler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit MetricsHandler(const MetricsServer::Page& page) : page_(page) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    const bool is_get = request.getMethod() == "GET" || request.getMethod() == "HEAD";
    if (!is_get) {
      response.set("Allow", "GET, HEAD");
      return send(response, HTTPResponse::HTTP_METHOD_NOT_ALLOWED, "only GET is served here\n");
    }
    if (const std::string& uri = request.getURI(); uri.substr(0, uri.find('?')) != "/metrics")
      return send(response, HTTPResponse::HTTP_NOT_FOUND, "the metrics are at /metrics\n");
    send(response, HTTPResponse::HTTP_OK, page_());
  }

 private:
  static void send(HTTPServerResponse& response, HTTPResponse::HTTPStatus status, const std::string& text) {
    response.setStatusAndReason(status);
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    response.sendBuffer(text.data(), text.size());  // no body is sent for HEAD
  }

  const MetricsServer::Page& page_;
};

class MetricsHandlers : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit MetricsHandlers(MetricsServer::Page page) : page_(std::move(page)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return new MetricsHandler(page_);  // POCO owns it
  }

 private:
  const MetricsServer::Page page_;
};

Poco::Net::HTTPServerParams::Ptr parameters() {
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setTimeout(Poco::Timespan(kPatience, 0));
  params->setKeepAlive(false);  // a scrape is rare, and a kept connection holds a thread
  params->setMaxThreads(kThreads);
  params->setMaxQueued(kWaiting);
  return params;
}

Poco::Net::ServerSocket listen_on(const ListenAddress& address) {
  Poco::Net::ServerSocket socket;
  socket.bind(Poco::Net::SocketAddress(address.ip, address.port), true, false);
  socket.listen(kWaiting);
  return socket;
}

}  // namespace

struct MetricsServer::State {
  State(const ListenAddress& where, Page page)
      : address(where),
        socket(listen_on(where)),
        http(new MetricsHandlers(std::move(page)), threads, socket, parameters()) {
    address.port = socket.address().port();
  }

  ListenAddress address;
  Poco::Net::ServerSocket socket;
  Poco::ThreadPool threads{1, kThreads};
  Poco::Net::HTTPServer http;
};

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const ListenAddress& address, Page page) {
  try {
    auto state = std::make_unique<State>(address, std::move(page));
    state->http.start();
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(state)));
  } catch (const Poco::Exception& failure) {
    const bool taken = failure.code() == EADDRINUSE;
    return Error(ErrorCode::config_invalid,
                 "monitor 'prometheus' can't listen on " + address.text() +
                     (taken ? ": another program, or another runtime of this one, listens there"
                            : " (" + failure.displayText() + ")"),
                 "set 'listen' to another port, or to port 0 for a free one");
  }
}

MetricsServer::MetricsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

MetricsServer::~MetricsServer() {
  state_->http.stopAll(true);
  state_->threads.joinAll();
}

std::string MetricsServer::url() const { return "http://" + state_->address.text() + "/metrics"; }

}  // namespace tachikoma::exposition
