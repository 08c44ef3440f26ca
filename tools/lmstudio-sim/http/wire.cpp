// SPDX-License-Identifier: MIT
#include "http/wire.hpp"

#include <algorithm>
#include <array>
#include <poll.h>

#include <Poco/Net/StreamSocket.h>

namespace lmstudio_sim {
namespace {

using Clock = std::chrono::steady_clock;

// How long the server's end may go unnoticed. A client that leaves ends the wait at once.
constexpr std::chrono::milliseconds kSlice{50};
constexpr std::string_view kGarbage = "\x16\x03\x01\xFF\xFE<html>{{{ this is not HTTP\r\n\r\n\0\0\0";

}  // namespace

bool Wire::begin(std::string_view head) {
  if (!send(head)) return false;
  if (!fault_ || !fault_->after_headers) return true;
  apply_fault();
  return false;
}

bool Wire::send(std::string_view bytes) {
  if (happened_ || !usable_) return false;
  if (!fault_ || !fault_->after_bytes) return send_slowly(bytes);
  const auto left = static_cast<std::size_t>(*fault_->after_bytes - sent_);
  if (bytes.size() < left) return send_slowly(bytes);
  if (send_slowly(bytes.substr(0, left))) apply_fault();
  return false;
}

bool Wire::send_slowly(std::string_view bytes) {
  if (!fault_ || fault_->kind != ByteFault::Kind::drip) return send_all(bytes);
  const auto step = static_cast<std::size_t>(fault_->drip_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    if (!wait(fault_->drip_interval) || !send_all(bytes.substr(at, step))) return false;
  return true;
}

bool Wire::send_all(std::string_view bytes) {
  try {
    while (!bytes.empty()) {
      const int count = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
      bytes.remove_prefix(static_cast<std::size_t>(count));
      sent_ += count;
    }
    return true;
  } catch (const Poco::Exception&) {  // the client left
    usable_ = false;
    return false;
  }
}

void Wire::apply_fault() {
  happened_ = true;
  switch (fault_->kind) {
    case ByteFault::Kind::stall: wait_for_end(); break;
    case ByteFault::Kind::reset: reset(); break;
    case ByteFault::Kind::garbage: send_all(kGarbage); break;
    default: break;
  }
  if (fault_->kind != ByteFault::Kind::reset) close();
}

void Wire::close() {
  usable_ = false;
  try {
    socket_.shutdown();
  } catch (const Poco::Exception&) {
    // the client was faster
  }
}

void Wire::reset() {
  usable_ = false;
  try {
    socket_.setLinger(true, 0);  // closing the socket then sends a reset
  } catch (const Poco::Exception&) {
    // the client was faster
  }
}

bool Wire::wait(std::chrono::microseconds time) const {
  const auto end = Clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now());
    const auto slice = std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), kSlice);
    const timespec limit{0, static_cast<long>(slice.count())};
    // POLLRDHUP tells that the client left without reading: the bytes of a next request must stay
    pollfd client{socket_.impl()->sockfd(), POLLRDHUP, 0};
    if (::ppoll(&client, 1, &limit, nullptr) > 0 || stopping_) return false;
    if (Clock::now() >= end) return true;
  }
}

bool Wire::wait_readable(int descriptor) const {
  while (!stopping_) {
    std::array<pollfd, 2> events{{{socket_.impl()->sockfd(), POLLRDHUP, 0}, {descriptor, POLLIN, 0}}};
    if (::poll(events.data(), events.size(), static_cast<int>(kSlice.count())) <= 0) continue;
    return events[0].revents == 0;
  }
  return false;
}

void Wire::wait_for_end() const {
  while (wait(std::chrono::hours(1))) {
  }
}

}  // namespace lmstudio_sim
