// SPDX-License-Identifier: MIT
#include "common/http/connection_pool.hpp"

#include <utility>

namespace tachikoma::kit {
namespace {

constexpr std::size_t kMaxIdle = 64;
constexpr auto kUsualIdle = std::chrono::seconds(60);  // an earlier close by the server is noticed
constexpr auto kLookEvery = std::chrono::seconds(1);   // that takes a call of the system
constexpr auto kMargin = std::chrono::seconds(1);      // the request must arrive before the server closes

bool usable(const Connection& connection) {
  return CallScope::Clock::now() < connection.idle_until && !connection.stale();
}

}  // namespace

std::unique_ptr<Connection> ConnectionPool::take(const std::shared_ptr<const Socket>& epoll) {
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (!usable(*connection)) continue;
    if (connection->watched_in != epoll) connection->unwatch();
    return connection;
  }
  return nullptr;
}

void ConnectionPool::keep(std::unique_ptr<Connection> connection, const HttpResponseParser& response) {
  if (!response.reusable()) return;
  const auto announced = response.keep_alive();
  if (announced && *announced <= kMargin) return;
  const auto now = CallScope::Clock::now();
  connection->idle_until = now + (announced ? *announced - kMargin : kUsualIdle);
  std::unique_ptr<Connection> dropped;  // closed after the lock
  const std::lock_guard lock(mutex_);
  // the least recently used one makes room, and is dropped once the server has closed it
  const bool looks = !idle_.empty() && now >= next_look_;
  if (looks) next_look_ = now + kLookEvery;
  if (idle_.size() == kMaxIdle || (looks && !usable(*idle_.front()))) {
    dropped = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
  idle_.push_back(std::move(connection));
}

}  // namespace tachikoma::kit
