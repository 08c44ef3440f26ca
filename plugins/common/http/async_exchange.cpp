// SPDX-License-Identifier: MIT
#include "common/http/async_exchange.hpp"

#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace tachikoma::kit {
namespace {

// On the thread of a name lookup.
void wake(void* task) { static_cast<IoLoop::Task*>(task)->post(); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

AsyncExchange::AsyncExchange(IoLoop& loop, IoLoop::Task& task, HttpEndpoint& endpoint, std::string head,
                             std::string body, ResponseHandler& handler, const CallContext& context)
    : loop_(loop),
      task_(task),
      endpoint_(endpoint),
      handler_(handler),
      context_(context),
      head_(std::move(head)),
      body_(std::move(body)) {}

std::optional<Status> AsyncExchange::advance() {
  Step came_to = Step::next;
  while (came_to == Step::next) {
    const bool cancelled = context_.cancellation.requested() || loop_.ending();
    came_to = cancelled ? end(Error(ErrorCode::cancelled, "cancelled")) : step();
  }
  if (came_to == Step::wait) return std::nullopt;
  drop_all();
  return std::move(end_);
}

AsyncExchange::Step AsyncExchange::step() {
  switch (state_) {
    case State::open: return open();
    case State::resolve: return resolve();
    case State::connect: return connect();
    case State::send: return send();
    case State::receive: return receive();
  }
  return Step::wait;
}

AsyncExchange::Step AsyncExchange::open() {
  if (!fresh_only_) {
    if (auto kept = endpoint_.pool().take(loop_.epoll())) {
      reused_ = true;
      return begin(std::move(kept));
    }
  }
  reused_ = false;
  context_.enter(Phase::connecting);
  const ServerUrl& url = endpoint_.url();
  if (auto known = Resolver::known(url.host, url.port)) return race(*std::move(known));
  auto lookup = endpoint_.resolver().start(url.host, url.port, wake, &task_);
  if (!lookup) return end(endpoint_.no_server(std::move(lookup).error()));
  lookup_ = *std::move(lookup);
  state_ = State::resolve;
  return Step::next;  // it may have finished already
}

AsyncExchange::Step AsyncExchange::resolve() {
  if (!lookup_->done()) return Step::wait;
  auto addresses = Resolver::take(*lookup_);
  lookup_.reset();
  if (!addresses) return end(endpoint_.no_server(std::move(addresses).error()));
  return race(*std::move(addresses));
}

AsyncExchange::Step AsyncExchange::race(std::vector<SocketAddress> addresses) {
  race_.emplace(std::move(addresses));
  state_ = State::connect;
  return Step::next;
}

AsyncExchange::Step AsyncExchange::connect() {
  unwatch_race();  // some of its sockets may be closed now
  Result<Socket> winner = race_->step(0);
  if (!winner) return end(endpoint_.no_server(std::move(winner).error()));
  if (winner->open()) {
    race_.reset();
    loop_.wake_never(task_);
    return begin(Connection::adopt(*std::move(winner)));
  }
  if (const auto next = race_->next_start()) {
    loop_.wake_at(task_, *next);
  } else {
    loop_.wake_never(task_);
  }
  for (const Socket& socket : race_->running())
    if (wait_for(socket.fd(), EPOLLOUT) == Step::end) return Step::end;
  return Step::wait;
}

AsyncExchange::Step AsyncExchange::begin(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  if (connection_->watched_in) loop_.resume(connection_->fd(), task_);
  reader_.emplace(endpoint_, handler_);
  unsent_ = {head_, body_};
  state_ = State::send;
  return Step::next;
}

AsyncExchange::Step AsyncExchange::send() {
  while (!unsent_.empty()) {
    const ssize_t size = send_bytes(connection_->fd(), unsent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && would_block()) return wait_for(connection_->fd(), EPOLLOUT);
    if (size < 0) {
      reader_->on_send_failure(errno_text(errno));
      break;
    }
    unsent_.remove_prefix(static_cast<std::size_t>(size));
  }
  context_.enter(Phase::waiting);
  state_ = State::receive;
  return wait_for(connection_->fd(), IoLoop::kIncoming);
}

// One piece per call, so that other tasks get their turn in between.
AsyncExchange::Step AsyncExchange::receive() {
  const auto buffer = loop_.buffer();
  const ssize_t size = ::recv(connection_->fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && would_block()) {
    const bool late = grace_ && IoLoop::Clock::now() >= *grace_;
    return late ? end(Done{}) : Step::wait;
  }
  const auto progress = size < 0 ? reader_->read_failure(errno_text(errno))
                                 : reader_->read({buffer.data(), static_cast<std::size_t>(size)});
  if (!progress) return end(progress.error());
  switch (*progress) {
    case ResponseReader::Progress::more:
      if (static_cast<std::size_t>(size) == buffer.size() || loop_.hung_up(connection_->fd())) task_.post();
      return after_piece();
    case ResponseReader::Progress::whole: return keep();
    case ResponseReader::Progress::stopped: return end(Done{});
    case ResponseReader::Progress::lost_before_reply: return send_again();
    case ResponseReader::Progress::redirected: return follow();
  }
  return Step::wait;
}

AsyncExchange::Step AsyncExchange::after_piece() {
  if (!head_.empty() && reader_->committed()) head_ = body_ = std::string();  // they won't be needed again
  if (const auto left = reader_->time_left()) {
    if (left->count() == 0) return end(Done{});
    grace_ = IoLoop::Clock::now() + *left;
    loop_.wake_at(task_, *grace_);
  }
  return Step::wait;
}

AsyncExchange::Step AsyncExchange::send_again() {
  if (!reused_) return end(endpoint_.lost("closed the connection without an answer", "closed"));
  endpoint_.report_resent();
  drop_connection();
  fresh_only_ = true;
  state_ = State::open;
  return Step::next;
}

AsyncExchange::Step AsyncExchange::follow() {
  if (++redirects_ > kMaxRedirects) return end(endpoint_.redirected_too_often());
  head_ = HttpEndpoint::readdress(head_, reader_->target());
  drop_connection();
  state_ = State::open;
  return Step::next;
}

AsyncExchange::Step AsyncExchange::keep() {
  loop_.park(connection_->fd());
  connection_->watched_in = loop_.epoll();
  endpoint_.pool().keep(std::move(connection_), reader_->response());
  return end(Done{});
}

AsyncExchange::Step AsyncExchange::end(Status status) {
  end_.emplace(std::move(status));
  return Step::end;
}

AsyncExchange::Step AsyncExchange::wait_for(int fd, std::uint32_t events) {
  Status watched = loop_.watch(fd, events, task_);
  return watched ? Step::wait : end(endpoint_.no_server(std::move(watched).error()));
}

void AsyncExchange::unwatch_race() {
  for (const Socket& socket : race_->running()) loop_.unwatch(socket.fd());
}

void AsyncExchange::drop_connection() {
  if (connection_) loop_.unwatch(connection_->fd());
  connection_.reset();
}

void AsyncExchange::drop_all() {
  lookup_.reset();
  if (race_) unwatch_race();
  race_.reset();
  drop_connection();
  loop_.wake_never(task_);
}

}  // namespace tachikoma::kit
