// SPDX-License-Identifier: MIT
#include "common/resolver.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <netdb.h>
#include <poll.h>
#include <system_error>
#include <utility>

namespace tachikoma::kit {
namespace {

struct Lookup {
  int failure = 0;  // of getaddrinfo
  std::vector<SocketAddress> addresses;
};

Lookup look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  Lookup result;
  result.failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (result.failure) return result;
  for (const addrinfo* each = found; each; each = each->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.length = each->ai_addrlen;
    result.addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  return result;
}

// Servers on this machine often listen on one of the two loopback addresses only, whatever the name means
// here.
void add_loopback(std::vector<SocketAddress>& addresses, std::uint16_t port) {
  for (const char* numeric : {"::1", "127.0.0.1"}) {
    const Lookup loopback = look_up(numeric, port, AI_NUMERICHOST);
    for (const SocketAddress& address : loopback.addresses) {
      const bool known = std::any_of(addresses.begin(), addresses.end(), [&](const SocketAddress& each) {
        return each.length == address.length && !std::memcmp(&each.storage, &address.storage, address.length);
      });
      if (!known) addresses.push_back(address);
    }
  }
}

}  // namespace

struct Resolver::Job {
  std::string host;
  std::uint16_t port = 0;
  Lookup result;  // complete once `done` is true
  std::atomic<bool> done = false;
  Wakeup wakeup;
};

Resolver::~Resolver() {
  for (Left& each : left_) each.thread.join();
}

void Resolver::leave_behind(std::thread thread, std::shared_ptr<Job> job) {
  const std::lock_guard lock(mutex_);
  std::erase_if(left_, [](Left& each) {
    if (each.job->done) each.thread.join();
    return !each.thread.joinable();
  });
  left_.push_back({std::move(thread), std::move(job)});
}

Result<std::vector<SocketAddress>> Resolver::resolve(const std::string& host, std::uint16_t port,
                                                     const CallScope& scope, const Wakeup& cancelled) {
  Lookup numeric = look_up(host, port, AI_NUMERICHOST);
  if (!numeric.failure) return std::move(numeric.addresses);
  auto job = std::make_shared<Job>();
  job->host = host;
  job->port = port;
  std::thread thread;
  try {
    thread = std::thread([job] {
      job->result = look_up(job->host, job->port, 0);
      job->done = true;
      job->wakeup.set();
    });
  } catch (const std::system_error& failure) {
    return Error(ErrorCode::internal, "no thread for the look-up of '" + host + "' (" + failure.what() + ")");
  }
  std::array<pollfd, 2> waiting{pollfd{job->wakeup.fd(), POLLIN, 0}, pollfd{cancelled.fd(), POLLIN, 0}};
  while (!job->done && !scope.cancellation.requested() && !scope.expired())
    ::poll(waiting.data(), waiting.size(), scope.poll_timeout());
  if (!job->done) {
    leave_behind(std::move(thread), std::move(job));
    if (scope.cancellation.requested())
      return Error(ErrorCode::cancelled, "cancelled while looking up '" + host + "'");
    return Error(ErrorCode::unreachable, "the look-up of host '" + host + "' takes too long");
  }
  thread.join();
  if (host == "localhost") add_loopback(job->result.addresses, port);
  if (job->result.addresses.empty())
    return Error(ErrorCode::unreachable,
                 "host '" + host + "' is not known (" + ::gai_strerror(job->result.failure) + ")",
                 "check the host name in base_url");
  return std::move(job->result.addresses);
}

}  // namespace tachikoma::kit
