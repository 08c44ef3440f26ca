// SPDX-License-Identifier: MIT
#include "tachikoma/text_stream.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "generate/generation.hpp"
#include "generate/generator.hpp"
#include "generate/joined_delta.hpp"

namespace tachikoma {
namespace {

using generate::Generation;

constexpr std::size_t kRingSize = 64;

}  // namespace

/// The thread that generates, and the ring between it and the reader.
class TextStream::Worker {
 public:
  Worker(std::shared_ptr<const void> owner, std::unique_ptr<Generation> generation)
      : owner_(std::move(owner)),
        generation_(std::move(generation)),
        current_(generation_->buffer_size()),
        on_cancel_(generation_->cancellation(), Wake{*this}) {
    thread_ = std::thread([this] { run(); });
  }

  ~Worker() {
    cancel();
    thread_.join();
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

  void cancel() { generation_->cancellation().request(CancelReason::caller); }

  /// Ends the generation and waits: the reply is what has arrived so far.
  Result<Reply> leave() {
    generation_->cancellation().request(CancelReason::consumer);
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
    current_.start(ring_[first_]);
    release();
    const auto deadline = std::chrono::steady_clock::now() + kLongestHold;
    while (!current_.full()) {
      if (!changed_.wait_until(lock, deadline, [this] { return used_ > 0 || result_; })) break;
      if (used_ == 0 || !current_.join(ring_[first_].view())) break;
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
  struct Wake {
    Worker& worker;
    void operator()() const {
      const std::lock_guard lock(worker.mutex_);
      worker.changed_.notify_all();
    }
  };

  bool ending() { return generation_->cancellation().requested(); }

  void run() {
    Result<Reply> result = [this]() -> Result<Reply> {
      try {
        return generation_->run([this](const Delta& delta) { return push(delta); }).get();
      } catch (const std::exception& failure) {
        return Error(ErrorCode::internal, std::string("the generation failed: ") + failure.what());
      }
    }();
    const std::lock_guard lock(mutex_);
    result_.emplace(std::move(result));
    changed_.notify_all();
  }

  void release() {
    first_ = (first_ + 1) % kRingSize;
    --used_;
    changed_.notify_all();
  }

  const std::shared_ptr<const void> owner_;
  const std::unique_ptr<Generation> generation_;
  mutable std::mutex mutex_;  // guards the ring and the result; the current delta is its one reader's
  std::condition_variable changed_;
  std::vector<OwnedDelta> ring_{kRingSize};
  std::size_t first_ = 0, used_ = 0;
  JoinedDelta current_;
  std::optional<Result<Reply>> result_;
  OnCancel<Wake> on_cancel_;
  std::thread thread_;
};

TextStream::TextStream(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
TextStream::TextStream(TextStream&&) noexcept = default;
TextStream& TextStream::operator=(TextStream&&) noexcept = default;
TextStream::~TextStream() = default;

Result<const Delta*> TextStream::next() { return worker_->next(); }
void TextStream::cancel() { worker_->cancel(); }
Result<Reply> TextStream::reply() const { return worker_->reply(); }

Result<Reply> Generator::generate(generate::GenerationRequest request, const DeltaCallback& on_delta) const {
  TACHIKOMA_TRY(auto generation, prepare(std::move(request)));
  if (!on_delta || generation->buffer_size() == 1) return generation->run(on_delta).get();
  // deltas are held back for up to 50 ms: that takes a thread that waits while another one reads
  TACHIKOMA_TRY(TextStream stream, read(nullptr, std::move(generation)));
  for (;;) {
    TACHIKOMA_TRY(const Delta* delta, stream.next());
    if (!delta) return stream.reply();
    if (on_delta(*delta) == Flow::stop) return stream.worker_->leave();
  }
}

Result<TextStream> Generator::stream(generate::GenerationRequest request,
                                     std::shared_ptr<const void> owner) const {
  TACHIKOMA_TRY(auto generation, prepare(std::move(request)));
  return read(std::move(owner), std::move(generation));
}

Result<std::unique_ptr<Generation>> Generator::prepare(generate::GenerationRequest request) const {
  TACHIKOMA_TRY(auto generation,
                Generation::make(parts_, async::Execution::Mode::blocking, std::move(request)));
  TACHIKOMA_TRY_STATUS(generation->prepare().get());
  return generation;
}

Result<TextStream> Generator::read(std::shared_ptr<const void> owner,
                                   std::unique_ptr<Generation> generation) {
  try {
    return TextStream(std::make_unique<TextStream::Worker>(std::move(owner), std::move(generation)));
  } catch (const std::system_error& failure) {
    return Error(ErrorCode::internal, std::string("can't start a thread for the stream: ") + failure.what());
  }
}

}  // namespace tachikoma
