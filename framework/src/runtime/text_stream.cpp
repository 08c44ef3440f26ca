// SPDX-License-Identifier: MIT
#include "tachikoma/text_stream.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/generator.hpp"

namespace tachikoma {
namespace {

constexpr std::size_t kRingSize = 64;
constexpr std::chrono::milliseconds kLongestHold{50};

/// A delta that owns what it points to. Reused, so that its strings keep their memory.
class OwnedDelta {
 public:
  void assign(const Delta& delta) {
    content_.assign(delta.content);
    if (delta.call) call_ = *delta.call;
    if (delta.metrics) metrics_ = *delta.metrics;
    delta_ = delta;
  }
  void append(const OwnedDelta& next) { content_ += next.content_; }
  bool continues(const OwnedDelta& before) const {
    return delta_.kind == before.delta_.kind && delta_.channel == before.delta_.channel &&
           (delta_.kind == Delta::Kind::text || delta_.kind == Delta::Kind::reasoning);
  }
  const Delta& view() {
    delta_.content = content_;
    if (delta_.call) delta_.call = &call_;
    if (delta_.metrics) delta_.metrics = &metrics_;
    return delta_;
  }

 private:
  Delta delta_;
  std::string content_;
  ToolCall call_;
  Metrics metrics_;
};

}  // namespace

/// The thread that generates, and the ring between it and the reader.
class TextStream::Worker {
 public:
  Worker(std::shared_ptr<RuntimeCore> core, PreparedCall call)
      : core_(std::move(core)),
        call_(std::move(call)),
        hold_(static_cast<std::size_t>(call_.chat.settings.streaming_buffer_size.value_or(1))),
        on_stop_(call_.stop, [this] { cancel(); }) {
    call_.stop = stop_.get_token();
    call_.left = left_.get_token();
    thread_ = std::thread([this] { run(); });
  }

  ~Worker() {
    cancel();
    thread_.join();
  }

  void cancel() { end_by(stop_); }

  /// Ends the generation and waits: the reply is what came so far.
  Result<Reply> leave() {
    end_by(left_);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    if (!*result_) return result_->error();
    return **result_;
  }

  Result<const Delta*> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return used_ > 0 || result_; });
    if (used_ == 0) {
      if (!*result_) return result_->error();
      return static_cast<const Delta*>(nullptr);
    }
    take(current_);
    const auto deadline = std::chrono::steady_clock::now() + kLongestHold;
    for (std::size_t held = 1; held < hold_; ++held) {
      if (!changed_.wait_until(lock, deadline, [this] { return used_ > 0 || result_; })) break;
      if (used_ == 0 || !ring_[first_].continues(current_)) break;
      current_.append(ring_[first_]);
      release();
    }
    return &current_.view();
  }

  Result<Reply> reply() const {
    const std::lock_guard lock(mutex_);
    if (!result_ || used_ > 0)
      return Error(ErrorCode::invalid_argument, "the stream was not read to its end",
                   "call next() until it is null");
    if (!*result_) return result_->error();
    return **result_;
  }

 private:
  void end_by(std::stop_source& source) {
    source.request_stop();
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

  bool ending() const { return stop_.stop_requested() || left_.stop_requested(); }

  void run() {
    Result<Reply> result = [this]() -> Result<Reply> {
      try {
        return Generator::run(*core_, call_, [this](const Delta& delta) { return push(delta); });
      } catch (const std::exception& failure) {
        return Error(ErrorCode::internal, std::string("the generation failed: ") + failure.what());
      }
    }();
    // push() may end the generation before the stop callback has named the reason
    if (result && result->finish == Finish::cancelled && stop_.stop_requested())
      result = cancelled_error(CancelReason::caller, *call_.slot);
    const std::lock_guard lock(mutex_);
    result_.emplace(std::move(result));
    changed_.notify_all();
  }

  Flow push(const Delta& delta) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return used_ < kRingSize || ending(); });
    if (used_ == kRingSize) return Flow::stop;
    ring_[(first_ + used_) % kRingSize].assign(delta);
    ++used_;
    changed_.notify_all();
    return Flow::proceed;
  }

  void take(OwnedDelta& into) {
    std::swap(into, ring_[first_]);
    release();
  }

  void release() {
    first_ = (first_ + 1) % kRingSize;
    --used_;
    changed_.notify_all();
  }

  const std::shared_ptr<RuntimeCore> core_;
  PreparedCall call_;
  const std::size_t hold_;
  std::stop_source stop_, left_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<OwnedDelta> ring_{kRingSize};
  std::size_t first_ = 0, used_ = 0;
  OwnedDelta current_;
  std::optional<Result<Reply>> result_;
  std::stop_callback<std::function<void()>> on_stop_;
  std::thread thread_;
};

TextStream::TextStream(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
TextStream::TextStream(TextStream&&) noexcept = default;
TextStream& TextStream::operator=(TextStream&&) noexcept = default;
TextStream::~TextStream() = default;

Result<const Delta*> TextStream::next() { return worker_->next(); }
void TextStream::cancel() { worker_->cancel(); }
Result<Reply> TextStream::reply() const { return worker_->reply(); }

Result<Reply> Generator::generate(std::shared_ptr<RuntimeCore> core, TextRequest request,
                                  const DeltaCallback& on_delta, Value response_schema) {
  Result<PreparedCall> call = prepare(*core, std::move(request));
  if (!call) return std::move(call).error();
  call->chat.response_schema = std::move(response_schema);
  if (!on_delta || call->chat.settings.streaming_buffer_size.value_or(1) == 1)
    return run(*core, *call, on_delta);
  // deltas are held back for up to 50 ms: that takes a thread that waits while another one reads
  Result<TextStream> stream = start(std::move(core), std::move(*call));
  if (!stream) return std::move(stream).error();
  for (;;) {
    Result<const Delta*> delta = stream->next();
    if (!delta) return std::move(delta).error();
    if (!*delta) return stream->reply();
    if (on_delta(**delta) == Flow::stop) return stream->worker_->leave();
  }
}

Result<TextStream> Generator::stream(std::shared_ptr<RuntimeCore> core, TextRequest request) {
  Result<PreparedCall> call = prepare(*core, std::move(request));
  if (!call) return std::move(call).error();
  return start(std::move(core), std::move(*call));
}

Result<TextStream> Generator::start(std::shared_ptr<RuntimeCore> core, PreparedCall call) {
  try {
    return TextStream(std::make_unique<TextStream::Worker>(std::move(core), std::move(call)));
  } catch (const std::system_error& failure) {
    return Error(ErrorCode::internal, std::string("no thread for the stream: ") + failure.what());
  }
}

}  // namespace tachikoma
