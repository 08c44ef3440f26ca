// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "async/threads.hpp"
#include "async/time_limit.hpp"
#include "cache/response_cache.hpp"
#include "generate/answer_sink.hpp"
#include "generate/cached_answer.hpp"
#include "generate/history.hpp"
#include "models/model_chain.hpp"
#include "models/residents.hpp"
#include "monitors/generation_events.hpp"
#include "tachikoma/generation.hpp"
#include "tools/tool_runner.hpp"

namespace tachikoma::generate {

/// The parts of a runtime that a generation needs.
struct Parts {
  const calls::Providers& providers;
  ModelRegistry::Impl& registry;
  const models::Residents& residents;
  MonitorHub& monitors;
  async::Threads& threads;
  const cache::ResponseCache* cache = nullptr;  ///< null: there is none
};

/// The application's request.
struct GenerationRequest {
  TextRequest text;
  Value response_schema = {};  ///< as in ChatRequest
};

/// One generation: asks the model, runs the tools that it calls, and asks again, until it answers.
///
/// Written once for both execution modes: whatever takes time is a wait, which may or may not block the
/// thread.
class Generation {
 public:
  /// Fails with `invalid_argument` on a request that no provider could answer. Everything that `parts` refers
  /// to must outlive it.
  static Result<std::unique_ptr<Generation>> make(const Parts& parts, async::Execution::Mode mode,
                                                  GenerationRequest&& request);
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  /// Resolves the model.
  async::Task<Status> prepare();
  /// Generates, once prepared. `on_delta` may be empty. Rethrows exceptions of the application's callbacks.
  /// `on_pause` is called when the next delta may take a while, if the provider can say so.
  async::Task<Result<Reply>> run(DeltaCallback on_delta, std::function<void()> on_pause = {});

  /// Cancels it; if for `consumer`, the reply is what has arrived so far. Thread-safe.
  CallCancellation& cancellation() { return cancellation_; }
  async::Frames* frames() const { return request_.frames(); }
  /// The number of deltas to deliver as one, once prepared.
  std::size_t buffer_size() const;

 private:
  using Clock = std::chrono::steady_clock;
  Generation(const Parts& parts, async::Execution::Mode mode, GenerationRequest&& request,
             tools::ToolRunner tools);

  async::Task<Status> take_steps();
  async::Task<Status> ask();
  async::Task<Status> ask_at(const calls::CallTarget& target, calls::Server& server);
  async::Task<Status> ask_in(const calls::CallTarget& target, calls::Server& server, calls::Attempt& attempt);
  async::Task<bool> find_cached(const calls::CallTarget& target);
  async::Task<Status> replay(const calls::CallTarget& target);
  bool is_to_be_kept() const;
  async::Task<Status> keep();
  async::Task<Status> use_disk(std::function<void()> work);
  void report_wait(const models::WaitState& state, CallClocks& clocks);
  async::Task<Status> run_tools(std::vector<ToolCall> calls);
  std::optional<ToolChoice> tool_choice() const;
  bool is_last_step() const { return reply_.steps > 1 && reply_.steps >= tools_.max_steps(); }
  bool lacks_a_call(const Answer& answer) const;
  void absorb(Answer& answer);
  void add_speeds(Answer& answer);
  void measure();
  void name_calls(std::vector<ToolCall>& calls);
  void emit_calls();
  std::vector<ToolCall> take_calls_for_tools();
  Error with_partial(Error error);
  bool consumer_stopped() const { return cancellation_.reason() == CancelReason::consumer; }
  Error why_ended() const {
    return calls::cancelled_error(cancellation_.reason(), *chain_.target().provider);
  }
  void complete();

  const Parts parts_;
  CallCancellation cancellation_;
  async::Frames memory_;
  const calls::RequestContext request_;
  monitors::GenerationEvents events_;
  DeltaEmitter emitter_;
  const tools::ToolRunner tools_;
  const bool runs_tools_;
  const std::optional<ToolChoice> first_choice_;
  models::ModelChain chain_;
  ChatRequest chat_;
  AliasSystem system_;
  const std::unique_ptr<CachedAnswer> cached_;  // null: the response cache is not used
  std::optional<cache::RecordedAnswer> found_;  // there
  Reply reply_;
  std::optional<Answer> answer_;        // of the last call; what had arrived if it failed
  models::ModelHold hold_;              // of the model that asks for tools, until its last step
  calls::Server* served_by_ = nullptr;  // the last that answered
  bool choice_failed_ = false;          // a call was required, and none was made
  Clock::time_point start_{}, first_token_{};
  std::chrono::nanoseconds decode_time_{0};
  Sourced<double> speed_, prompt_speed_;  // over all steps
  std::optional<TimeLimit> total_;
  const std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace tachikoma::generate
