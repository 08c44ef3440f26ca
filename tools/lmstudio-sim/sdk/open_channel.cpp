// SPDX-License-Identifier: MIT
#include "sdk/open_channel.hpp"

#include <array>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include <sys/eventfd.h>

namespace lmstudio_sim {

namespace {

int make_event() {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return descriptor;
}

}  // namespace

JsonValue error_object(const SdkError& error) {
  JsonValue object = JsonValue::object({{"title", error.title}, {"rootTitle", error.title}});
  if (!error.cause.empty()) object.set("cause", error.cause);
  if (!error.suggestion.empty()) object.set("suggestion", error.suggestion);
  if (!error.display.is_null()) object.set("displayData", error.display);
  return object;
}

JsonValue error_object(const Fault& fault) {
  if (fault.body.is_object()) return fault.body;
  return error_object(SdkError{std::string(
      fault.body.as_string("The model has crashed without additional information. (Exit code: null)"))});
}

OpenChannel::OpenChannel(SimulatorState& simulator, SdkWire& wire, Start start)
    : simulator_(simulator), wire_(wire), start_(std::move(start)), end_(make_event()) {}

OpenChannel::~OpenChannel() { ::close(end_); }

bool OpenChannel::fault_is_due(bool at_creation) const {
  if (!start_.fault || faulted_) return false;
  const Fault& fault = *start_.fault;
  if (fault.after_messages) return messages_ == *fault.after_messages;
  if (fault.after_tokens) return fragments_ == *fault.after_tokens;
  return at_creation;
}

// True when the channel continues after the fault.
bool OpenChannel::apply_fault() {
  switch (start_.fault->kind) {
    case FaultKind::stall:
      while (wait(std::chrono::hours(24))) {
      }
      return false;
    case FaultKind::close: wire_.cut(); return false;
    case FaultKind::reset: wire_.reset(); return false;
    case FaultKind::garbage: return wire_.send_text(kGarbageMessage);
    case FaultKind::status:
    case FaultKind::error:
    case FaultKind::error_event: fail_with(error_object(*start_.fault)); return false;
    default: return true;
  }
}

bool OpenChannel::send(const JsonValue& message) {
  std::unique_lock lock(mutex_);
  if (gone_ || closed_) return false;
  if (fault_is_due(false)) {
    faulted_ = true;
    lock.unlock();
    if (!apply_fault()) return false;
    lock.lock();
    if (closed_) return false;
  }
  ++messages_;
  if (message["type"].as_string() == "fragment") ++fragments_;
  if (!wire_.send(JsonValue::object(
          {{"type", "channelSend"}, {"channelId", start_.channel_id}, {"message", message}})))
    abandon();
  return !gone_;
}

bool OpenChannel::wait(std::chrono::microseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timespec limit{seconds.count(), static_cast<long>((time - seconds).count()) * 1000};
  pollfd end{end_, POLLIN, 0};
  ::ppoll(&end, 1, &limit, nullptr);
  return !stopped_ && !gone_;
}

bool OpenChannel::wait_readable(int descriptor) {
  std::array<pollfd, 2> events{{{end_, POLLIN, 0}, {descriptor, POLLIN, 0}}};
  return ::poll(events.data(), events.size(), -1) > 0 && events[0].revents == 0;
}

void OpenChannel::signal_end() {
  const std::uint64_t one = 1;
  if (::write(end_, &one, sizeof one) != sizeof one) std::terminate();  // can't fail: far from full
}

void OpenChannel::stop() {
  if (!stopped_.exchange(true)) signal_end();
}

void OpenChannel::abandon() {
  if (!gone_.exchange(true)) signal_end();
}

void OpenChannel::fail_with(JsonValue error) {
  const std::lock_guard lock(mutex_);
  if (error_.is_null()) error_ = std::move(error);
}

bool OpenChannel::serve(ChannelHandler handler) {
  if (fault_is_due(true)) {
    faulted_ = true;
    if (!apply_fault()) return true;
  }
  return handler(*this);
}

void OpenChannel::finish() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  const bool failed = !error_.is_null();
  JsonValue end = JsonValue::object(
      {{"type", failed ? "channelError" : "channelClose"}, {"channelId", start_.channel_id}});
  if (failed) end.set("error", error_);
  if (!gone_) wire_.send(end);
  const bool faulty = faulted_ && start_.fault->kind != FaultKind::stall;
  simulator_.journal.end(id(), failed ? 500 : 200,
                         faulty              ? "fault"
                         : stopped_ || gone_ ? "stopped"
                                             : "completed");
}

}  // namespace lmstudio_sim
