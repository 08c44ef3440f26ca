// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <sys/epoll.h>

#include "common/net/socket.hpp"
#include "common/net/wakeup.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

/// One thread that runs many tasks, each whenever one of its descriptors is ready, its time has come, or it
/// was posted. Functions without a mark are called only on that thread.
class IoLoop {
 public:
  using Clock = std::chrono::steady_clock;

  /// A unit of non-blocking work. The loop shares its ownership from the first `advance` until `release`.
  class Task : public std::enable_shared_from_this<Task> {
   public:
    explicit Task(IoLoop& loop) : loop_(loop) {}
    virtual ~Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    /// Does what can be done without waiting; spurious calls are harmless. Must not throw.
    virtual void advance() = 0;
    /// Schedules a call of `advance`. [thread-safe]
    void post() { loop_.post(shared_from_this()); }

   protected:
    IoLoop& loop() const { return loop_; }

   private:
    friend class IoLoop;
    IoLoop& loop_;
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    bool released_ = false;
    std::size_t place_ = kNowhere;  // among the loop's
    std::optional<Clock::time_point> due_;
  };

  /// Starts the thread. Fails with `overloaded` if there is no descriptor or no thread left.
  static Result<std::unique_ptr<IoLoop>> start();
  /// Sets `ending` for the remaining tasks, waits until all are released, and joins the thread.
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  /// Advances `task` when `fd` is ready for one of `events` (of epoll), until `unwatch`, which must come
  /// before the descriptor is closed or passed on, and before the task ends. To watch it for the same again
  /// costs nothing. Fails with `overloaded`.
  Status watch(int fd, std::uint32_t events, Task& task);
  void unwatch(int fd);
  /// What to watch a connection for. It is an edge: `task` is advanced once for what has arrived until then.
  /// After a read that did not fill its buffer there is nothing left, unless the peer `hung_up`.
  static constexpr std::uint32_t kIncoming = EPOLLIN | EPOLLRDHUP | EPOLLET;
  bool hung_up(int fd) { return watched(fd).hung_up; }
  /// A connection that is watched for `kIncoming` has no task for now, and stays registered: to go on with it
  /// costs no call of the system. Whoever takes it elsewhere removes it from `epoll`.
  void park(int fd) { watched(fd).task = nullptr; }
  void resume(int fd, Task& task) { watched(fd).task = &task; }
  const std::shared_ptr<const Socket>& epoll() const { return epoll_; }
  /// Advances `task` at that time; replaces an earlier time.
  void wake_at(Task& task, Clock::time_point due);
  void wake_never(Task& task);
  /// Ends `task`: it is not called any more, and is released at the end of the turn.
  void release(Task& task);
  /// True when every task should end.
  bool ending() const { return ending_; }

  /// The receive buffer, lent to the running task until its `advance` returns; readable beyond its end by
  /// `kTailRoom`.
  std::span<char> buffer() { return {buffer_.get(), kBufferSize}; }

 private:
  static constexpr std::size_t kBufferSize = 256 * 1024;

  /// What a descriptor is watched for.
  struct Watched {
    Task* task = nullptr;  // null: it is not, or it is parked
    std::uint32_t events = 0;
    bool hung_up = false;
  };

  IoLoop();
  Watched& watched(int fd);
  void on_event(const epoll_event& event);
  void post(std::shared_ptr<Task> task);
  void run();
  int wait_limit();
  void advance(const std::shared_ptr<Task>& task);
  void advance_posted();
  void advance_due();

  const std::shared_ptr<const Socket> epoll_;
  const Wakeup wakeup_;
  const std::unique_ptr<char[]> buffer_;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;  // guards `posted_`
  std::vector<std::shared_ptr<Task>> posted_;
  // of the loop's thread
  std::vector<Watched> watched_;              // by the descriptor
  std::vector<std::shared_ptr<Task>> tasks_;  // in any order
  std::vector<std::shared_ptr<Task>> released_;
  std::set<std::pair<Clock::time_point, Task*>> due_;
  std::thread thread_;
};

}  // namespace tachikoma::kit
