// SPDX-License-Identifier: MIT
#include "bench/server/replay_server.hpp"

#include <sched.h>
#include <signal.h>
#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bench/server/event_loop.hpp"

namespace tachikoma::bench {
namespace {

[[noreturn]] void serve(int listener) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  cpu_set_t second;
  CPU_ZERO(&second);
  CPU_SET(1, &second);
  ::sched_setaffinity(0, sizeof second, &second);  // fails harmlessly where there is only one
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  EventLoop(listener).run();
}

}  // namespace

ReplayServer::ReplayServer() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &size) != 0)
    throw std::runtime_error("the replay server can't listen");
  port_ = ntohs(address.sin_port);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) serve(listener);
  ::close(listener);
}

ReplayServer::~ReplayServer() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string ReplayServer::base_url(const std::string& scenario) const {
  return "http://127.0.0.1:" + std::to_string(port_) + (scenario.empty() ? "" : "/" + scenario) + "/v1";
}

}  // namespace tachikoma::bench
