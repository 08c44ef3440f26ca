// SPDX-License-Identifier: MIT
#include "server.hpp"

#include <atomic>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/NetException.h>
#include <Poco/ThreadPool.h>

#include "routes.hpp"

namespace lmstudio_sim {

using tachikoma::Error;
using tachikoma::ErrorCode;

namespace {

// A kept-alive connection holds its thread, so there are more of them than the 1,000 streams we promise.
constexpr int kThreads = 1200;
constexpr int kBacklog = 1024;

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  Handler(Simulator& simulator, const std::atomic<bool>& stopping)
      : simulator_(simulator), stopping_(stopping) {}
  void handleRequest(Poco::Net::HTTPServerRequest& request,
                     Poco::Net::HTTPServerResponse& response) override {
    Exchange exchange(request, response, stopping_);
    route(simulator_, exchange);
  }

 private:
  Simulator& simulator_;
  const std::atomic<bool>& stopping_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Factory(Simulator& simulator, const std::atomic<bool>& stopping)
      : simulator_(simulator), stopping_(stopping) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
    return new Handler(simulator_, stopping_);  // POCO owns it
  }

 private:
  Simulator& simulator_;
  const std::atomic<bool>& stopping_;
};

Poco::Net::ServerSocket listen(const std::string& host, int port) {
  Poco::Net::ServerSocket socket;
  socket.bind(Poco::Net::SocketAddress(host, static_cast<Poco::UInt16>(port)), true, false);
  socket.listen(kBacklog);
  return socket;
}

Poco::Net::HTTPServerParams::Ptr parameters() {
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setKeepAlive(true);
  params->setKeepAliveTimeout(Poco::Timespan(5, 0));
  params->setMaxKeepAliveRequests(0);
  params->setMaxThreads(kThreads);
  params->setMaxQueued(kThreads);
  return params;
}

}  // namespace

struct Server::State {
  State(Simulator& simulator, const Poco::Net::ServerSocket& socket)
      : http(new Factory(simulator, stopping), threads, socket, parameters()) {}

  std::atomic<bool> stopping{false};
  Poco::ThreadPool threads{2, kThreads};
  Poco::Net::HTTPServer http;
};

tachikoma::Result<Server> Server::start(Simulator& simulator, const std::string& host, int port) {
  try {
    auto state = std::make_unique<State>(simulator, listen(host, port));
    state->http.start();
    return Server(std::move(state));
  } catch (const Poco::Exception& error) {
    return Error(ErrorCode::unreachable,
                 "can't listen on '" + host + ":" + std::to_string(port) + "': " + error.displayText(),
                 "use --port 0 for a free port, or end the program that has this one");
  }
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;

Server::~Server() {
  if (!state_) return;
  state_->stopping = true;
  state_->http.stopAll(true);
  state_->threads.joinAll();
}

int Server::port() const { return state_->http.port(); }

}  // namespace lmstudio_sim
