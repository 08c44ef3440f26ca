// SPDX-License-Identifier: MIT
// How a generation is answered from the response cache, and what it leaves there.
#include <exception>
#include <functional>
#include <utility>

#include "generate/cached_answer.hpp"
#include "generate/generation.hpp"
#include "generate/structured_output.hpp"

namespace tachikoma::generate {

async::Task<bool> Generation::find_cached(const calls::CallTarget& target) {
  const cache::FirstRequest request{parts_.cache->provider(target.provider->id), chain_.target(), chat_,
                                    tools_.max_steps(),
                                    [this](const std::string& tool) { return tools_.answers(tool); }};
  if (!cached_->begin(request, *chain_.target().found)) co_return false;
  async::Task<Status> finding = use_disk([this] { found_ = cached_->find(); });
  const Status searched = co_await finding;
  if (!searched) co_return false;
  co_return found_.has_value();
}

// All that the provider said goes the way that it went then.
async::Task<Status> Generation::replay(const calls::CallTarget& target) {
  reply_.cached = true;
  CallClocks none(request_.execution.timer, {}, cancellation_);
  AnswerSink sink(target, none, cancellation_, emitter_, answer_.emplace());
  const Clock::time_point begin = Clock::now();
  for (const cache::RecordedAnswer::Event& each : found_->events) {
    const auto left = each.at - std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    if (parts_.cache->replays_timing() && left.count() > 0) {
      emitter_.pause();
      async::Sleep pause(request_.execution, cancellation_, left);
      co_await pause;
    }
    if (cancellation_.requested() || sink.on_event(each.event) == Flow::stop) break;
  }
  emitter_.pause();
  ChatOutcome outcome = std::move(found_->outcome);
  if (consumer_stopped()) outcome.finish = Finish::cancelled;
  sink.end(std::move(outcome));
  if (cancellation_.requested() && !consumer_stopped()) co_return why_ended();
  if (sink.failure()) co_return *sink.failure();
  co_return Done{};
}

// What tools did, or what was asked again, is not the answer to the request alone.
bool Generation::is_to_be_kept() const {
  const bool first = reply_.steps == 1 && reply_.messages.size() == 1 && !choice_failed_;
  return cached_ && cached_->is_recorded() && first && !cancellation_.requested() && is_answer(reply_) &&
         (chat_.response_schema.is_null() || fits(chat_.response_schema, reply_));
}

async::Task<Status> Generation::keep() {
  return use_disk([this] { cached_->keep(); });
}

// Without memory or a thread for it, the generation goes on as without a cache.
async::Task<Status> Generation::use_disk(std::function<void()> work) {
  try {
    async::BlockingWork using_it(request_.execution, parts_.threads.lookups, cancellation_, std::move(work));
    co_await using_it;
    co_return Done{};
  } catch (const std::exception& failure) {
    co_return Error(ErrorCode::internal, failure.what());
  }
}

}  // namespace tachikoma::generate
