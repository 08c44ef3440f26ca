// SPDX-License-Identifier: MIT
#include "common/net/connect_race.hpp"

#include <algorithm>
#include <poll.h>

namespace tachikoma::kit {
namespace {

constexpr auto kNextAddressAfter = std::chrono::milliseconds(250);  // RFC 8305's recommendation

}  // namespace

Result<Socket> ConnectRace::step(int limit, int wakeup) {
  start_due();
  if (running_.empty()) return last_failure_;
  std::vector<pollfd> polled;
  for (const Socket& socket : running_) polled.push_back({socket.fd(), POLLOUT, 0});
  polled.push_back({wakeup, POLLIN, 0});  // poll ignores a negative one
  ::poll(polled.data(), polled.size(), wait_limit(limit));
  for (std::size_t i = running_.size(); i-- > 0;) {
    if (!polled[i].revents) continue;
    const int failure = running_[i].pending_error();
    if (!failure) return std::move(running_[i]);
    last_failure_ = connect_error(failure);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    next_start_ = {};
  }
  start_due();
  if (running_.empty()) return last_failure_;
  return Socket();
}

std::optional<ConnectRace::Clock::time_point> ConnectRace::next_start() const {
  if (next_ == addresses_.size()) return std::nullopt;
  return next_start_;
}

void ConnectRace::start_due() {
  while (next_ < addresses_.size() && (running_.empty() || Clock::now() >= next_start_)) {
    Result<Socket> socket = Socket::connect(addresses_[next_++]);
    if (socket) {
      running_.push_back(*std::move(socket));
      next_start_ = Clock::now() + kNextAddressAfter;
    } else {
      last_failure_ = std::move(socket).error();
    }
  }
}

int ConnectRace::wait_limit(int limit) const {
  const auto next = next_start();
  if (!next) return limit;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now()).count();
  const int pause = left > 0 ? static_cast<int>(left) : 0;
  return limit < 0 ? pause : std::min(limit, pause);
}

}  // namespace tachikoma::kit
