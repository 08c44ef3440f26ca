// SPDX-License-Identifier: MIT
#include "bench/server/event_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <time.h>
#include <unistd.h>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace tachikoma::bench {
namespace {

constexpr std::size_t kMostPerTurn = 1 << 18;  // so that many streams are served in turn
constexpr std::chrono::milliseconds kHoldTime{200};
constexpr std::chrono::milliseconds kLate{1};

// The length of the first request in the buffer, head and body; 0 if it is not whole yet.
std::size_t request_length(std::string_view in) {
  const std::size_t head = in.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::size_t length = 0;
  for (const std::string_view name : {"Content-Length: ", "content-length: "})
    if (const std::size_t at = in.substr(0, head).find(name); at != std::string_view::npos)
      length = std::strtoul(in.data() + at + name.size(), nullptr, 10);
  const std::size_t end = head + 4 + length;
  return in.size() >= end ? end : 0;
}

std::string_view path_of(std::string_view request) {
  const std::size_t start = request.find(' ') + 1;
  return request.substr(start, request.find(' ', start) - start);
}

// the segment before "/v1"; empty: none
std::string_view scenario_of(std::string_view path) {
  const std::size_t end = path.find("/v1");
  return end == std::string_view::npos || end == 0 ? std::string_view() : path.substr(1, end - 1);
}

// N of "NAME-N"; 0: it is something else
std::int64_t number_of(std::string_view scenario, std::string_view name) {
  return scenario.substr(0, name.size()) == name ? std::atoll(scenario.data() + name.size()) : 0;
}

std::int64_t wanted_chunks(std::string_view request) {
  constexpr std::string_view kName = "\"max_tokens\":";
  const std::size_t at = request.rfind(kName);
  return at == std::string_view::npos ? 1 : std::atoll(request.data() + at + kName.size());
}

}  // namespace

EventLoop::EventLoop(int listener)
    : listener_(listener),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      short_stream_(std::string(stream_head()) + content_event(Style::repeating, 0) + stream_tail()) {
  static_cast<void>(batch(Style::repeating));
  static_cast<void>(embeddings());
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

void EventLoop::run() {
  for (;;) {
    std::array<epoll_event, 256> events;
    const std::chrono::nanoseconds left =
        timers_.empty()
            ? std::chrono::seconds(3600)
            : std::max<Clock::duration>(timers_.begin()->first - Clock::now(), Clock::duration(0));
    const timespec timeout{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    const int count =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
      if (fd == listener_) {
        accept_all();
      } else if (const auto at = connections_.find(fd); at != connections_.end()) {
        if (what & EPOLLOUT) pump(*at->second);
        if (what & ~std::uint32_t{EPOLLOUT}) read_from(*at->second);
      }
    }
    while (!timers_.empty() && timers_.begin()->first <= Clock::now()) {
      const int fd = timers_.begin()->second;
      timers_.erase(timers_.begin());
      if (const auto at = connections_.find(fd); at != connections_.end()) tick(*at->second);
    }
  }
}

void EventLoop::accept_all() {
  for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>();
    connection->fd = fd;
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    connections_[fd] = std::move(connection);
  }
}

void EventLoop::read_from(Connection& connection) {
  static std::array<char, 1 << 17> bytes;
  const ssize_t count = ::recv(connection.fd, bytes.data(), bytes.size(), 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return close(connection);
  connection.in.append(bytes.data(), static_cast<std::size_t>(count));
  while (const std::size_t length = request_length(connection.in)) {
    answer(connection, std::string_view(connection.in).substr(0, length));
    connection.in.erase(0, length);
  }
}

void EventLoop::answer(Connection& connection, std::string_view request) {
  const std::string_view path = path_of(request);
  const std::string_view scenario = scenario_of(path);
  if (path.ends_with("/chat/completions")) return answer_chat(connection, scenario, request);
  if (path.ends_with("/embeddings")) return send_text(connection, embeddings());
  if (!path.ends_with("/v1/models")) return send_text(connection, not_found());
  std::string& list = lists_[std::max<std::int64_t>(number_of(scenario, "models-"), 1)];
  if (list.empty()) list = model_list(std::max<std::int64_t>(number_of(scenario, "models-"), 1));
  send_text(connection, list);
}

void EventLoop::answer_chat(Connection& connection, std::string_view scenario, std::string_view request) {
  if (scenario == "json") return send_text(connection, completion());
  if (scenario == "late") return send_late(connection, short_stream_);
  if (scenario == "late-json") return send_late(connection, completion());
  if (scenario == "tools" && request.find(R"("role":"tool")") == std::string_view::npos)
    return send_text(connection, tool_call());
  if (const std::int64_t count = number_of(scenario, "hold-")) return hold(connection, count);
  const std::int64_t chunks = wanted_chunks(request);
  const Style style = scenario == "changing" ? Style::changing : Style::repeating;
  const std::int64_t micros = number_of(scenario, "paced-");
  if (micros == 0) return start_stream(connection, style, chunks);
  connection.chunks = chunks;
  connection.next = 0;
  connection.pace = std::chrono::microseconds(micros);
  connection.start = Clock::now();
  send_text(connection, stream_head());
  timers_.emplace(connection.start, connection.fd);
}

void EventLoop::start_stream(Connection& connection, Style style, std::int64_t chunks) {
  if (style == Style::repeating && chunks == 1) return send_text(connection, short_stream_);
  connection.style = style;
  connection.out += stream_head();
  connection.batches = chunks / kBatch;
  std::string rest;
  for (std::int64_t i = 0; i < chunks % kBatch; ++i) rest += content_event(style, i);
  rest += stream_tail();
  (connection.batches == 0 ? connection.out : connection.rest) += rest;
  pump(connection);
}

void EventLoop::hold(Connection& connection, std::int64_t count) {
  connection.chunks = 1;
  connection.next = 1;
  send_text(connection, std::string(stream_head()) + content_event(Style::repeating, 0));
  held_.push_back(connection.fd);
  if (std::ssize(held_) < count) return;
  for (const int fd : held_) timers_.emplace(Clock::now() + kHoldTime, fd);
  held_.clear();
}

void EventLoop::send_late(Connection& connection, std::string_view text) {
  connection.rest = text;
  timers_.emplace(Clock::now() + kLate, connection.fd);
}

void EventLoop::tick(Connection& connection) {
  if (!connection.rest.empty()) return send_text(connection, std::exchange(connection.rest, {}));
  if (connection.next == connection.chunks) return send_text(connection, stream_tail());
  const std::int64_t index = connection.next++;
  timers_.emplace(connection.start + connection.pace * connection.next, connection.fd);
  send_text(connection, content_event(Style::repeating, index));
}

void EventLoop::send_text(Connection& connection, std::string_view text) {
  if (connection.waits) {
    connection.out += text;
    return;
  }
  const ssize_t count = ::send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL);
  if (count == static_cast<ssize_t>(text.size())) return;
  connection.out.assign(text.substr(count < 0 ? 0 : static_cast<std::size_t>(count)));
  wait_for_room(connection, true);
}

// Sends the next part of what is due; the rest when there is room again.
void EventLoop::pump(Connection& connection) {
  if (!connection.out.empty()) {
    if (!send_some(connection, connection.out)) return wait_for_room(connection, true);
    connection.out.clear();
  }
  if (connection.batches > 0) {
    if (send_some(connection, batch(connection.style))) --connection.batches;
    if (connection.batches == 0) connection.out = std::exchange(connection.rest, {});
  }
  wait_for_room(connection, connection.batches > 0 || !connection.out.empty());
}

// True once all of them are sent.
bool EventLoop::send_some(Connection& connection, std::string_view bytes) {
  const std::string_view part = bytes.substr(connection.sent, kMostPerTurn);
  const ssize_t count = ::send(connection.fd, part.data(), part.size(), MSG_NOSIGNAL);
  if (count > 0) connection.sent += static_cast<std::size_t>(count);
  if (connection.sent < bytes.size()) return false;
  connection.sent = 0;
  return true;
}

void EventLoop::wait_for_room(Connection& connection, bool waits) {
  if (connection.waits == waits) return;
  connection.waits = waits;
  epoll_event event{.events = EPOLLIN, .data = {.fd = connection.fd}};
  if (waits) event.events |= EPOLLOUT;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void EventLoop::close(Connection& connection) {
  const int fd = connection.fd;
  std::erase(held_, fd);
  std::erase_if(timers_, [fd](const auto& timer) { return timer.second == fd; });
  ::close(fd);
  connections_.erase(fd);
}

}  // namespace tachikoma::bench
