// SPDX-License-Identifier: MIT
#include "async/workers.hpp"

#include <system_error>
#include <utility>

namespace tachikoma {

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(Job job) {
  const std::lock_guard lock(mutex_);
  if (jobs_.size() >= idle_ && threads_.size() < max_threads_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;  // else one of the others will run it
    }
  }
  jobs_.push_back(std::move(job));
  changed_.notify_one();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return !jobs_.empty() || ending_; });
    --idle_;
    if (jobs_.empty()) return;
    {
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }  // the job's captures are released before the lock is taken again
    lock.lock();
  }
}

}  // namespace tachikoma
