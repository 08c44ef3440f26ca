// SPDX-License-Identifier: MIT
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/signalfd.h>

#include "http/json_value.hpp"
#include "http/server.hpp"
#include "openai/request_router.hpp"
#include "options.hpp"
#include "sdk/websocket_session.hpp"
#include "world/script.hpp"

#ifdef __SANITIZE_THREAD__
// POCO's library is not instrumented, so the thread sanitizer can't see the reference count that orders our
// last use of a connection's socket before the accepting thread deletes it.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:Poco::Net::TCPServer::run\nrace:Poco::Delegate<Poco::Net::HTTPServerConnection\n";
}
#endif

namespace {

using namespace lmstudio_sim;

int fail(int exit_code, const Problem& problem) {
  std::fprintf(stderr, "%s\n", problem.message.c_str());
  if (!problem.hint.empty()) std::fprintf(stderr, "hint: %s\n", problem.hint.c_str());
  return exit_code;
}

// Blocks SIGINT and SIGTERM in all later threads; they are read from the descriptor.
int ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

// What can't be interrupted, such as the work on a huge answer or a write that nobody reads, must not hold up
// the end.
void end_soon_after(int signals) {
  constexpr int kGraceMs = 2000;
  std::thread([signals] {
    pollfd event{signals, POLLIN, 0};
    while (::poll(&event, 1, -1) < 0) continue;
    ::poll(nullptr, 0, kGraceMs);
    std::_Exit(0);
  }).detach();
}

// Each connection needs a descriptor; the usual soft limit is 1,024.
void allow_many_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Returns at a signal, or with `watch_stdin` when standard input closes.
void wait_for_end(int signals, bool watch_stdin) {
  std::array<pollfd, 2> events{{{signals, POLLIN, 0}, {watch_stdin ? 0 : -1, POLLIN, 0}}};
  for (;;) {
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return;
    if (events[0].revents) return;
    std::array<char, 4096> ignored;
    if (events[1].revents && ::read(0, ignored.data(), ignored.size()) <= 0) return;
  }
}

std::string base_url(const std::string& host, int port) {
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// Prints the line that says where the simulator listens.
void print_ready(const Options& options, int port, int sdk_port) {
  JsonValue ready = JsonValue::object();
  if (port != 0) {
    ready.set("port", port);
    ready.set("base_url", base_url(options.host, port));
  }
  if (sdk_port != 0) ready.set("sdk_port", sdk_port);
  std::printf("%s\n", to_json(ready).c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  const std::optional<Options> options = parse_options(argc, argv, exit_code);
  if (!options) return exit_code;
  std::variant<Script, Problem> script = default_world();
  if (!options->script.empty()) script = load_script(options->script);
  if (const auto* problem = std::get_if<Problem>(&script)) return fail(3, *problem);
  const int signals = ending_signals();
  end_soon_after(signals);
  allow_many_connections();
  SimulatorState simulator(std::get<Script>(std::move(script)), options->speed);
  SwitchedServer http(RequestRouter{simulator, Surface::all, serve_websocket}, options->host, options->port);
  simulator.http = &http;
  if (!options->http_off)
    if (const auto problem = http.start(0)) return fail(4, *problem);
  std::optional<Server> sdk;
  if (options->sdk_port) {
    auto started = Server::start(RequestRouter{simulator, Surface::sdk, serve_websocket}, options->host,
                                 *options->sdk_port);
    if (const auto* problem = std::get_if<Problem>(&started)) return fail(4, *problem);
    sdk.emplace(std::get<Server>(std::move(started)));
  }
  print_ready(*options, http.port(), sdk ? sdk->port() : 0);
  wait_for_end(signals, options->exit_with_stdin);
  ::kill(::getpid(), SIGTERM);  // also if it was standard input: the time for the end begins
  return 0;
}
