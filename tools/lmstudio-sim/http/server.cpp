// SPDX-License-Identifier: MIT
#include "server.hpp"

#include <atomic>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/NetException.h>
#include <Poco/ThreadPool.h>

#include "openai/routes.hpp"

namespace lmstudio_sim {

using tachikoma::Error;
using tachikoma::ErrorCode;

namespace {

// A kept-alive connection holds its thread, so there are more of them than the 1,000 streams we promise.
constexpr int kThreads = 1200;
constexpr int kBacklog = 1024;

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  Handler(Simulator& simulator, Surface surface, const std::atomic<bool>& stopping)
      : simulator_(simulator), surface_(surface), stopping_(stopping) {}
  void handleRequest(Poco::Net::HTTPServerRequest& request,
                     Poco::Net::HTTPServerResponse& response) override {
    Exchange exchange(request, response, stopping_);
    route(simulator_, exchange, surface_);
  }

 private:
  Simulator& simulator_;
  const Surface surface_;
  const std::atomic<bool>& stopping_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Factory(Simulator& simulator, Surface surface, const std::atomic<bool>& stopping)
      : simulator_(simulator), surface_(surface), stopping_(stopping) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
    return new Handler(simulator_, surface_, stopping_);  // POCO owns it
  }

 private:
  Simulator& simulator_;
  const Surface surface_;
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
  State(Simulator& simulator, const Poco::Net::ServerSocket& listening, Surface surface)
      : socket(listening), http(new Factory(simulator, surface, stopping), threads, socket, parameters()) {}

  std::atomic<bool> stopping{false};
  Poco::Net::ServerSocket socket;
  Poco::ThreadPool threads{2, kThreads};
  Poco::Net::HTTPServer http;
};

tachikoma::Result<Server> Server::start(Simulator& simulator, const std::string& host, int port,
                                        Surface surface) {
  try {
    auto state = std::make_unique<State>(simulator, listen(host, port), surface);
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

void Server::close_port() {
  state_->http.stop();
  state_->socket.close();
}

SwitchedServer::SwitchedServer(Simulator& simulator, std::string host, int port)
    : simulator_(simulator), host_(std::move(host)), default_port_(port) {}

SwitchedServer::~SwitchedServer() {
  stop();
  for (std::thread& closer : closers_) closer.join();
}

std::optional<Error> SwitchedServer::start(int port) {
  const std::lock_guard lock(mutex_);
  if (server_ && (port == 0 || port == server_->port())) return std::nullopt;
  if (server_)
    return Error(ErrorCode::invalid_argument,
                 "the HTTP server runs at port " + std::to_string(server_->port()), "stop it first");
  tachikoma::Result<Server> server =
      Server::start(simulator_, host_, port == 0 ? default_port_ : port, Surface::all);
  if (!server) return server.error();
  server_.emplace(std::move(*server));
  default_port_ = server_->port();
  return std::nullopt;
}

void SwitchedServer::stop() {
  const std::lock_guard lock(mutex_);
  if (!server_) return;
  server_->close_port();
  closers_.emplace_back([stopped = std::move(*server_)] {});
  server_.reset();
}

int SwitchedServer::port() const {
  const std::lock_guard lock(mutex_);
  return server_ ? server_->port() : 0;
}

}  // namespace lmstudio_sim
