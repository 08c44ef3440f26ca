// SPDX-License-Identifier: MIT
#include "common/net/io_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

#include "common/net/tail_room.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::size_t kEventsPerTurn = 256;

}  // namespace

IoLoop::IoLoop()
    : epoll_(std::make_shared<const Socket>(::epoll_create1(EPOLL_CLOEXEC))),
      buffer_(std::make_unique_for_overwrite<char[]>(kBufferSize + kTailRoom)) {}

Result<std::unique_ptr<IoLoop>> IoLoop::start() {
  std::unique_ptr<IoLoop> loop(new IoLoop());
  epoll_event wake{};
  wake.events = EPOLLIN;
  wake.data.fd = loop->wakeup_.fd();
  if (!loop->epoll_->open() || loop->wakeup_.fd() < 0 ||
      ::epoll_ctl(loop->epoll_->fd(), EPOLL_CTL_ADD, loop->wakeup_.fd(), &wake) != 0)
    return Error(ErrorCode::overloaded, "no file descriptor for background calls (" + errno_text(errno) + ")",
                 "close files, or raise the limit (ulimit -n)");
  try {
    loop->thread_ = std::thread([self = loop.get()] { self->run(); });
  } catch (const std::system_error& failure) {
    return Error(ErrorCode::overloaded,
                 std::string("can't start a thread for background calls (") + failure.what() + ")",
                 "raise the limit on threads (ulimit -u)");
  }
  return loop;
}

IoLoop::~IoLoop() {
  ending_ = true;
  wakeup_.set();
  if (thread_.joinable()) thread_.join();
}

void IoLoop::post(std::shared_ptr<Task> task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first && std::this_thread::get_id() != thread_.get_id()) wakeup_.set();
}

IoLoop::Watched& IoLoop::watched(int fd) {
  const auto at = static_cast<std::size_t>(fd);
  if (at >= watched_.size()) watched_.resize(at + 1);
  return watched_[at];
}

Status IoLoop::watch(int fd, std::uint32_t events, Task& task) {
  Watched& entry = watched(fd);
  if (entry.task == &task && entry.events == events) return Done{};
  epoll_event wanted{};
  wanted.events = events;
  wanted.data.fd = fd;
  if (::epoll_ctl(epoll_->fd(), EPOLL_CTL_ADD, fd, &wanted) != 0 &&
      (errno != EEXIST || ::epoll_ctl(epoll_->fd(), EPOLL_CTL_MOD, fd, &wanted) != 0)) {
    entry = {};
    return Error(ErrorCode::overloaded,
                 "the system can't watch another connection (" + errno_text(errno) + ")",
                 "run fewer calls at a time");
  }
  entry = {&task, events};
  return Done{};
}

void IoLoop::unwatch(int fd) {
  if (std::exchange(watched(fd), {}).task) ::epoll_ctl(epoll_->fd(), EPOLL_CTL_DEL, fd, nullptr);
}

// Its task may have let go of it earlier in this turn.
void IoLoop::on_event(const epoll_event& event) {
  Watched& entry = watched(event.data.fd);
  if (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) entry.hung_up = true;
  Task* const task = entry.task;
  if (task && !task->released_) task->advance();
}

void IoLoop::wake_at(Task& task, Clock::time_point due) {
  wake_never(task);
  task.due_ = due;
  due_.emplace(due, &task);
}

void IoLoop::wake_never(Task& task) {
  if (task.due_) due_.erase({*task.due_, &task});
  task.due_.reset();
}

void IoLoop::release(Task& task) {
  wake_never(task);
  task.released_ = true;
  if (task.place_ == Task::kNowhere) return;
  std::shared_ptr<Task>& place = tasks_[task.place_];
  released_.push_back(std::move(place));
  if (&place != &tasks_.back()) {
    place = std::move(tasks_.back());
    place->place_ = task.place_;
  }
  tasks_.pop_back();
  task.place_ = Task::kNowhere;
}

void IoLoop::run() {
  std::array<epoll_event, kEventsPerTurn> ready;
  while (true) {
    const int count = ::epoll_wait(epoll_->fd(), ready.data(), kEventsPerTurn, wait_limit());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      if (event.data.fd == wakeup_.fd())
        wakeup_.clear();
      else
        on_event(event);
    }
    advance_due();
    advance_posted();
    if (ending_) {
      advance_posted();
      const std::vector<std::shared_ptr<Task>> left = tasks_;
      for (const auto& task : left) advance(task);
      if (tasks_.empty()) return;
    }
    released_.clear();  // not earlier: an event of this turn may refer to one of them
  }
}

int IoLoop::wait_limit() {
  {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) return 0;  // by this thread, which is not woken for it
  }
  if (due_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - Clock::now()).count();
  constexpr std::int64_t kMax = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, kMax));
}

void IoLoop::advance(const std::shared_ptr<Task>& task) {
  if (task->released_) return;
  if (task->place_ == Task::kNowhere) {
    task->place_ = tasks_.size();
    tasks_.push_back(task);
  }
  task->advance();
}

void IoLoop::advance_posted() {
  std::vector<std::shared_ptr<Task>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const std::shared_ptr<Task>& task : posted) advance(task);
}

void IoLoop::advance_due() {
  if (due_.empty()) return;
  const Clock::time_point now = Clock::now();
  while (!due_.empty() && due_.begin()->first <= now) {
    Task& task = *due_.begin()->second;
    wake_never(task);
    task.advance();
  }
}

}  // namespace tachikoma::kit
