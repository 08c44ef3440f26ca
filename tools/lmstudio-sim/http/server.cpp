// SPDX-License-Identifier: MIT
#include "http/server.hpp"

#include <atomic>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/NetException.h>
#include <Poco/ThreadPool.h>

namespace lmstudio_sim {

namespace {

// A kept-alive connection holds its thread, so there are more than the 1,000 streams that the simulator
// promises to serve.
constexpr int kThreads = 1200;
constexpr int kBacklog = 1024;

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  Handler(const ExchangeHandler& handle, const std::atomic<bool>& stopping)
      : handle_(handle), stopping_(stopping) {}
  void handleRequest(Poco::Net::HTTPServerRequest& request,
                     Poco::Net::HTTPServerResponse& response) override {
    Exchange exchange(request, response, stopping_);
    handle_(exchange);
  }

 private:
  const ExchangeHandler& handle_;
  const std::atomic<bool>& stopping_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Factory(ExchangeHandler handle, const std::atomic<bool>& stopping)
      : handle_(std::move(handle)), stopping_(stopping) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
    return new Handler(handle_, stopping_);  // POCO owns it
  }

 private:
  const ExchangeHandler handle_;
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
  State(ExchangeHandler handler, const Poco::Net::ServerSocket& listening)
      : socket(listening), http(new Factory(std::move(handler), stopping), threads, socket, parameters()) {}

  std::atomic<bool> stopping{false};
  Poco::Net::ServerSocket socket;
  Poco::ThreadPool threads{2, kThreads};
  Poco::Net::HTTPServer http;
};

std::variant<Server, Problem> Server::start(ExchangeHandler handler, const std::string& host, int port) {
  try {
    auto state = std::make_unique<State>(std::move(handler), listen(host, port));
    state->http.start();
    return Server(std::move(state));
  } catch (const Poco::Exception& error) {
    return Problem{"can't listen on '" + host + ":" + std::to_string(port) + "': " + error.displayText(),
                   "use --port 0 for a free port, or stop the program that uses this one"};
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

SwitchedServer::SwitchedServer(ExchangeHandler handler, std::string host, int port)
    : handler_(std::move(handler)), host_(std::move(host)), default_port_(port) {}

SwitchedServer::~SwitchedServer() {
  stop();
  for (std::thread& closer : closers_) closer.join();
}

std::optional<Problem> SwitchedServer::start(int port) {
  const std::lock_guard lock(mutex_);
  if (server_ && (port == 0 || port == server_->port())) return std::nullopt;
  if (server_)
    return Problem{"the HTTP server is already running on port " + std::to_string(server_->port()),
                   "stop it first"};
  auto started = Server::start(handler_, host_, port == 0 ? default_port_ : port);
  if (auto* problem = std::get_if<Problem>(&started)) return std::move(*problem);
  server_.emplace(std::get<Server>(std::move(started)));
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
