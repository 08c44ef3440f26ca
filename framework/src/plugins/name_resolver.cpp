// SPDX-License-Identifier: MIT
#include "plugins/name_resolver.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/socket.h>

#include "base/try.hpp"

namespace tachikoma::plugins {
namespace {

using Addresses = HostNameResolver::Addresses;

/// One waiting caller of a lookup. The lock is held while the callback runs, so that `abandon` waits for it.
class Waiter {
 public:
  Waiter(NameResolver::Callback finished, void* user) : finished_(finished), user_(user) {}

  bool done() const { return done_.load(std::memory_order_acquire); }
  Result<Addresses> take() { return std::move(answer_); }

  void answer(const Result<Addresses>& found) {
    const std::lock_guard lock(mutex_);
    if (abandoned_) return;
    answer_ = found ? Result<Addresses>(*found) : Result<Addresses>(found.error());
    done_.store(true, std::memory_order_release);
    finished_(user_);
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  bool abandoned() const {
    const std::lock_guard lock(mutex_);
    return abandoned_;
  }

 private:
  const NameResolver::Callback finished_;
  void* const user_;
  mutable std::mutex mutex_;  // guards `abandoned_`, and delays an answer while it is being abandoned
  bool abandoned_ = false;
  std::atomic<bool> done_ = false;
  Result<Addresses> answer_{Addresses()};
};

class Lookup final : public NameLookup {
 public:
  explicit Lookup(std::shared_ptr<Waiter> waiter) : waiter_(std::move(waiter)) {}
  ~Lookup() override { waiter_->abandon(); }
  bool done() const override { return waiter_->done(); }
  Result<Addresses> take() override { return waiter_->take(); }

 private:
  const std::shared_ptr<Waiter> waiter_;
};

struct LookupJob {
  std::string host;
  std::uint16_t port = 0;
  std::vector<std::shared_ptr<Waiter>> waiters = {};

  bool wanted() const {
    return std::any_of(waiters.begin(), waiters.end(), [](const auto& each) { return !each->abandoned(); });
  }
};

}  // namespace

/// The pending lookups. Shared with the threads.
class HostNameResolver::Queue : public std::enable_shared_from_this<Queue> {
 public:
  Queue(LookUp look_up, std::size_t max_threads) : look_up_(std::move(look_up)), max_threads_(max_threads) {}

  Status add(const std::string& host, std::uint16_t port, std::shared_ptr<Waiter> waiter) {
    const std::lock_guard lock(mutex_);
    for (auto* jobs : {&waiting_, &running_})
      for (const std::shared_ptr<LookupJob>& job : *jobs)
        if (job->host == host && job->port == port) {
          job->waiters.push_back(std::move(waiter));
          return Done{};
        }
    waiting_.push_back(std::make_shared<LookupJob>(LookupJob{host, port, {std::move(waiter)}}));
    if (threads_ == max_threads_) return Done{};
    try {
      std::thread([self = shared_from_this()] { self->work(); }).detach();
      ++threads_;
    } catch (const std::system_error& failure) {
      if (threads_ != 0) return Done{};
      waiting_.pop_back();
      return Error(ErrorCode::internal,
                   "can't start a thread for the lookup of host '" + host + "' (" + failure.what() + ")");
    }
    return Done{};
  }

  /// The resolver is being destroyed: lookups that have not started are dropped.
  void close() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }

 private:
  void work() {
    while (const std::shared_ptr<LookupJob> job = begin()) {
      const Result<Addresses> found = look_up(*job);
      for (const std::shared_ptr<Waiter>& waiter : end(job)) waiter->answer(found);
    }
  }

  // The next job that is still wanted; null ends the thread.
  std::shared_ptr<LookupJob> begin() {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty()) {
      std::shared_ptr<LookupJob> job = std::move(waiting_.front());
      waiting_.pop_front();
      if (!job->wanted()) continue;
      running_.push_back(job);
      return job;
    }
    --threads_;
    return nullptr;
  }

  // From here on, nobody joins the job.
  std::vector<std::shared_ptr<Waiter>> end(const std::shared_ptr<LookupJob>& job) {
    const std::lock_guard lock(mutex_);
    std::erase(running_, job);
    return std::move(job->waiters);
  }

  Result<Addresses> look_up(const LookupJob& job) const {
    try {
      return look_up_(job.host, job.port);
    } catch (const std::exception& failure) {
      return Error(ErrorCode::internal,
                   "the lookup of host '" + job.host + "' failed (" + failure.what() + ")");
    }
  }

  const LookUp look_up_;
  const std::size_t max_threads_;
  std::mutex mutex_;  // guards what follows; not held during a lookup
  std::deque<std::shared_ptr<LookupJob>> waiting_;
  std::deque<std::shared_ptr<LookupJob>> running_;
  std::size_t threads_ = 0;
};

HostNameResolver::HostNameResolver(LookUp look_up, std::size_t max_threads)
    : queue_(std::make_shared<Queue>(std::move(look_up), max_threads)) {}

HostNameResolver::~HostNameResolver() { queue_->close(); }

Result<std::unique_ptr<NameLookup>> HostNameResolver::start(std::string_view host, std::uint16_t port,
                                                            Callback finished, void* user) {
  auto waiter = std::make_shared<Waiter>(finished, user);
  TACHIKOMA_TRY_STATUS(queue_->add(std::string(host), port, waiter));
  return std::unique_ptr<NameLookup>(std::make_unique<Lookup>(std::move(waiter)));
}

Result<Addresses> HostNameResolver::look_up_by_system(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (failure)
    return Error(ErrorCode::unreachable, "host '" + host + "' is not known (" + ::gai_strerror(failure) + ")",
                 "check the host's name");
  Addresses addresses;
  for (const addrinfo* each = found; each; each = each->ai_next)
    addresses.emplace_back(reinterpret_cast<const char*>(each->ai_addr), each->ai_addrlen);
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace tachikoma::plugins
