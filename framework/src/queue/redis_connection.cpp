// SPDX-License-Identifier: MIT
#include "queue/redis_connection.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/excerpt.hpp"
#include "base/try.hpp"

namespace tachikoma::queue {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kDeepestReply = 8;
constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::int64_t kLargestText = 512 * 1024 * 1024;  // Redis's own limit
constexpr std::int64_t kLongestList = 10'000'000;

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<Addresses> find_host(const QueueAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failure == 0) return Addresses(found, &::freeaddrinfo);
  return Error(
      ErrorCode::unreachable,
      "the host of the queue '" + address.server() + "' is not known (" + ::gai_strerror(failure) + ")",
      "correct its name, or the name service of this machine");
}

// 0, or what prevents it.
int connect_within(int socket, const addrinfo& to, std::chrono::milliseconds limit) {
  if (::connect(socket, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  const auto deadline = Clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return ETIMEDOUT;
    pollfd waited{socket, POLLOUT, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
    if (ready == 0) return ETIMEDOUT;
    if (ready < 0 && errno != EINTR) return errno;
    if (ready > 0) break;
  }
  int failure = 0;
  socklen_t size = sizeof failure;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

Result<base::Descriptor> open_socket(const QueueAddress& address, std::chrono::milliseconds limit) {
  TACHIKOMA_TRY(const Addresses addresses, find_host(address));
  int failure = EADDRNOTAVAIL;
  for (const addrinfo* each = addresses.get(); each; each = each->ai_next) {
    base::Descriptor socket(
        ::socket(each->ai_family, each->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, each->ai_protocol));
    if (socket.value() < 0) continue;
    failure = connect_within(socket.value(), *each, limit);
    if (failure != 0) continue;
    const int on = 1;
    ::setsockopt(socket.value(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
  }
  return Error(ErrorCode::unreachable,
               "nothing answers at the queue '" + address.server() + "' (" + std::strerror(failure) + ")",
               "start Redis there, or correct the address");
}

void append_command(std::string& bytes, const RedisConnection::Command& command) {
  bytes += "*" + std::to_string(command.size()) + "\r\n";
  for (const std::string& each : command)
    bytes.append("$").append(std::to_string(each.size())).append("\r\n").append(each).append("\r\n");
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What follows `name` in the text of INFO, up to the end of its line.
std::string info_of(std::string_view info, std::string_view name) {
  const std::size_t at = info.find(name);
  if (at == std::string_view::npos) return {};
  info.remove_prefix(at + name.size());
  return std::string(info.substr(0, info.find('\r')));
}

// XPENDING with IDLE came with 6.2.
bool is_too_old(std::string_view version) {
  const std::size_t dot = version.find('.');
  const std::int64_t major = number_of(version.substr(0, dot)).value_or(0);
  const std::string_view rest = dot == std::string_view::npos ? "" : version.substr(dot + 1);
  const std::int64_t minor = number_of(rest.substr(0, rest.find('.'))).value_or(0);
  return major < 6 || (major == 6 && minor < 2);
}

}  // namespace

Result<RedisConnection> RedisConnection::connect(const QueueAddress& address, const RedisTimeouts& timeouts) {
  TACHIKOMA_TRY(base::Descriptor socket, open_socket(address, timeouts.connect));
  RedisConnection connection(std::move(socket), address.server(), timeouts);
  TACHIKOMA_TRY_STATUS(connection.log_in(address));
  TACHIKOMA_TRY_STATUS(connection.learn_server());
  return connection;
}

Status RedisConnection::log_in(const QueueAddress& address) {
  if (address.password.empty() && address.user.empty()) return Done{};
  Command login{"AUTH"};
  if (!address.user.empty()) login.push_back(address.user);
  login.push_back(address.password);
  TACHIKOMA_TRY_STATUS(run(login));
  return Done{};
}

Status RedisConnection::learn_server() {
  TACHIKOMA_TRY(const RedisReply info, run(Command{"INFO", "server"}));
  run_id_ = info_of(info.text, "run_id:");
  const std::string version = info_of(info.text, "redis_version:");
  if (run_id_.empty() || version.empty()) return not_redis();
  if (is_too_old(version))
    return Error(ErrorCode::unsupported, "the queue '" + server_ + "' is Redis " + base::excerpt(version, 20),
                 "it must be 6.2 or newer");
  return Done{};
}

Result<std::vector<RedisReply>> RedisConnection::run(const std::vector<Command>& commands) {
  std::string bytes;
  for (const Command& command : commands) append_command(bytes, command);
  const Deadline deadline = Clock::now() + timeouts_.reply;
  TACHIKOMA_TRY_STATUS(send(bytes, deadline));
  std::vector<RedisReply> replies;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    TACHIKOMA_TRY(RedisReply reply, read_reply(deadline));
    replies.push_back(std::move(reply));
  }
  return replies;
}

Result<RedisReply> RedisConnection::run(const Command& command) {
  TACHIKOMA_TRY(std::vector<RedisReply> replies, run(std::vector<Command>{command}));
  return accepted(std::move(replies.front()));
}

Result<RedisReply> RedisConnection::accepted(RedisReply reply) const {
  if (!reply.is_error()) return reply;
  const std::string_view word = std::string_view(reply.text).substr(0, reply.text.find(' '));
  const std::string queue = "the queue '" + server_ + "' ";
  if (word == "WRONGPASS" || reply.text.starts_with("ERR AUTH") ||
      reply.text.starts_with("ERR Client sent AUTH"))
    return Error(ErrorCode::unauthenticated, queue + "refuses the user or the password",
                 "correct them in the address: redis://USER:PASSWORD@HOST/NAME");
  if (word == "NOAUTH")
    return Error(
        ErrorCode::unauthenticated, queue + "wants a password",
        "give it in the address: redis://USER:PASSWORD@HOST/NAME, or :PASSWORD@ for the default user");
  if (word == "NOPERM")
    return Error(ErrorCode::forbidden, queue + "forbids this user what batches need",
                 "allow it scripts, and all commands on the keys tachikoma:*");
  if (word == "OOM" || reply.text.find("OOM command not allowed") != std::string::npos)
    return Error(ErrorCode::overloaded, queue + "is full: it has reached its 'maxmemory'",
                 "give it more memory, or wait until results were collected");
  if (word == "LOADING" || word == "BUSY")
    return Error(ErrorCode::overloaded, queue + "is not ready yet (" + base::excerpt(reply.text) + ")",
                 "wait until it is");
  if (word == "MISCONF")
    return Error(ErrorCode::overloaded, queue + "can't write to its disk, and accepts nothing",
                 "see its log; its disk may be full");
  if (word == "READONLY")
    return Error(ErrorCode::invalid_argument, queue + "is a replica, which accepts nothing",
                 "give the address of its primary");
  return Error(ErrorCode::protocol, queue + "refuses a command: " + base::excerpt(reply.text, 200));
}

Status RedisConnection::send(const std::string& bytes, Deadline deadline) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t some = ::send(socket_.value(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (some >= 0)
      sent += static_cast<std::size_t>(some);
    else if (errno == EAGAIN)
      TACHIKOMA_TRY_STATUS(wait_for(POLLOUT, deadline));
    else if (errno != EINTR)
      return lost(std::strerror(errno));
  }
  return Done{};
}

Result<RedisReply> RedisConnection::read_reply(Deadline deadline, int depth) {
  TACHIKOMA_TRY(const std::string line, read_line(deadline));
  const char mark = line.empty() ? ' ' : line.front();
  const std::string rest = line.empty() ? line : line.substr(1);
  if (mark == '+') return RedisReply{.kind = RedisReply::Kind::text, .text = rest};
  if (mark == '-') return RedisReply{.kind = RedisReply::Kind::error, .text = rest};
  const std::optional<std::int64_t> number = number_of(rest);
  if (!number || depth > kDeepestReply) return not_redis();
  if (mark == ':') return RedisReply{.kind = RedisReply::Kind::integer, .integer = *number};
  if ((mark == '$' || mark == '*') && *number == -1) return RedisReply{};
  if (mark == '$' && *number >= 0 && *number <= kLargestText) {
    TACHIKOMA_TRY(std::string text, read_text(static_cast<std::size_t>(*number), deadline));
    return RedisReply{.kind = RedisReply::Kind::text, .text = std::move(text)};
  }
  if (mark != '*' || *number < 0 || *number > kLongestList) return not_redis();
  RedisReply reply{.kind = RedisReply::Kind::list};
  for (std::int64_t i = 0; i < *number; ++i) {
    TACHIKOMA_TRY(RedisReply each, read_reply(deadline, depth + 1));
    reply.list.push_back(std::move(each));
  }
  return reply;
}

Result<std::string> RedisConnection::read_line(Deadline deadline) {
  for (;;) {
    const std::size_t end = buffer_.find("\r\n", read_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(read_, end - read_);
      read_ = end + 2;
      return line;
    }
    if (buffer_.size() - read_ > kLongestLine) return not_redis();
    TACHIKOMA_TRY_STATUS(receive(deadline));
  }
}

Result<std::string> RedisConnection::read_text(std::size_t size, Deadline deadline) {
  while (buffer_.size() - read_ < size + 2) TACHIKOMA_TRY_STATUS(receive(deadline));
  if (buffer_.compare(read_ + size, 2, "\r\n") != 0) return not_redis();
  std::string text = buffer_.substr(read_, size);
  read_ += size + 2;
  return text;
}

Status RedisConnection::receive(Deadline deadline) {
  buffer_.erase(0, std::exchange(read_, 0));
  for (;;) {
    char bytes[16 * 1024];
    const ssize_t some = ::recv(socket_.value(), bytes, sizeof bytes, 0);
    if (some > 0) {
      buffer_.append(bytes, static_cast<std::size_t>(some));
      return Done{};
    }
    if (some == 0) return lost("it closed the connection");
    if (errno == EAGAIN)
      TACHIKOMA_TRY_STATUS(wait_for(POLLIN, deadline));
    else if (errno != EINTR)
      return lost(std::strerror(errno));
  }
}

Status RedisConnection::wait_for(short events, Deadline deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd waited{socket_.value(), events, 0};
    const int ready = left.count() > 0 ? ::poll(&waited, 1, static_cast<int>(left.count())) : 0;
    if (ready > 0) return Done{};
    if (ready == 0)
      return Error(ErrorCode::unreachable,
                   "the queue '" + server_ + "' does not answer within " +
                       std::to_string(timeouts_.reply.count()) + " ms",
                   "see whether it is Redis, whether it is overloaded, and whether the network is cut");
    if (errno != EINTR) return lost(std::strerror(errno));
  }
}

Error RedisConnection::lost(const std::string& how) const {
  return Error(ErrorCode::unreachable, "the connection to the queue '" + server_ + "' is lost (" + how + ")",
               "see whether Redis runs there");
}

Error RedisConnection::not_redis() const {
  return Error(ErrorCode::protocol, "what answers at '" + server_ + "' is not Redis", "correct the address");
}

}  // namespace tachikoma::queue
