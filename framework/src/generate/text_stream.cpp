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

#include "base/try.hpp"
#include "generate/delta_batch.hpp"
#include "generate/generation.hpp"
#include "generate/generator.hpp"
#include "generate/joined_delta.hpp"

namespace tachikoma {
namespace {

using generate::Generation;

}  // namespace

/// The thread that generates, and what it and the reader hand over: whole batches, so that they seldom meet.
class TextStream::Worker {
 public:
  Worker(std::shared_ptr<const void> owner, std::unique_ptr<Generation> generation)
      : owner_(std::move(owner)),
        generation_(std::move(generation)),
        joins_(generation_->buffer_size() > 1),
        joined_(generation_->buffer_size()),
        on_cancel_(generation_->cancellation(), Wake{*this}) {
    thread_ = std::thread([this] { run(); });
  }

  ~Worker() {
    cancel();
    thread_.join();
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
    if (!wait_for_delta({})) {
      const std::lock_guard lock(mutex_);
      if (!*result_) return result_->error();
      return static_cast<const Delta*>(nullptr);
    }
    const Delta& first = read_.front();
    read_.pop();
    if (!joins_) return &first;
    joined_.start(first);
    return &join_others();
  }

  Result<Reply> reply() const {
    const std::lock_guard lock(mutex_);
    if (!result_ || !arrived_.empty() || !read_.empty())
      return Error(ErrorCode::invalid_argument, "the stream was not read to its end",
                   "call next() until it is null");
    if (!*result_) return result_->error();
    return **result_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Wake {
    Worker& worker;
    void operator()() const {
      const std::lock_guard lock(worker.mutex_);
      worker.room_.notify_one();
    }
  };

  void run() {
    Result<Reply> result = [this]() -> Result<Reply> {
      try {
        return generation_->run([this](const Delta& delta) { return push(delta); }, [this] { pause(); })
            .get();
      } catch (const std::exception& failure) {
        return Error(ErrorCode::internal, std::string("the generation failed: ") + failure.what());
      }
    }();
    const std::lock_guard lock(mutex_);
    arrived_.append(written_);  // after a cancellation there may be some
    result_.emplace(std::move(result));
    changed_.notify_one();
  }

  // on the generating thread

  Flow push(const Delta& delta) {
    written_.push(delta);
    const bool can_wait = pauses_ && is_text(delta.kind) && !written_.full();
    return can_wait ? Flow::proceed : hand_over();
  }

  void pause() {
    pauses_ = true;
    if (!written_.empty()) hand_over();
  }

  Flow hand_over() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return !arrived_.full() || generation_->cancellation().requested(); });
    if (arrived_.full()) return Flow::stop;
    if (arrived_.empty())
      std::swap(arrived_, written_);
    else
      arrived_.append(written_);
    written_.clear();
    if (std::exchange(reader_waits_, false)) changed_.notify_one();
    return Flow::proceed;
  }

  // on the reader's

  /// False if there is no further one, or none by then.
  bool wait_for_delta(std::optional<Clock::time_point> deadline) {
    if (!read_.empty()) return true;
    std::unique_lock lock(mutex_);
    const auto came = [this] { return !(reader_waits_ = arrived_.empty() && !result_); };
    if (!deadline)
      changed_.wait(lock, came);
    else
      changed_.wait_until(lock, *deadline, came);
    read_.clear();
    if (arrived_.full()) room_.notify_one();
    std::swap(read_, arrived_);
    return !read_.empty();
  }

  const Delta& join_others() {
    const Clock::time_point deadline = Clock::now() + kLongestHold;
    while (!joined_.full() && wait_for_delta(deadline) && joined_.join(read_.front())) read_.pop();
    return joined_.view();
  }

  const std::shared_ptr<const void> owner_;
  const std::unique_ptr<Generation> generation_;
  const bool joins_;
  DeltaBatch read_;  // the reader's, as is what it joins
  JoinedDelta joined_;
  DeltaBatch written_;        // the generating thread's, as is:
  bool pauses_ = false;       // the provider says when it waits; so not every token is handed over at once
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_, room_;
  DeltaBatch arrived_;
  bool reader_waits_ = false;
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

Result<Reply> Generator::generate(generate::GenerationRequest&& request,
                                  const DeltaCallback& on_delta) const {
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

Result<TextStream> Generator::stream(generate::GenerationRequest&& request,
                                     std::shared_ptr<const void> owner) const {
  TACHIKOMA_TRY(auto generation, prepare(std::move(request)));
  return read(std::move(owner), std::move(generation));
}

Result<std::unique_ptr<Generation>> Generator::prepare(generate::GenerationRequest&& request) const {
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
