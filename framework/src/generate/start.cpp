// SPDX-License-Identifier: MIT
#include <atomic>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>

#include "generate/delta_buffer.hpp"
#include "generate/generator.hpp"

namespace tachikoma {
namespace generate {
namespace {

/// A coroutine that starts immediately and has no owner.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

struct Start {
  Start(const Parts& runtime, std::shared_ptr<const void> keeps, GenerationRequest asked,
        DeltaCallback deltas, ReplyCallback done)
      : owner(std::move(keeps)),
        parts(runtime),
        request(std::move(asked)),
        on_delta(std::move(deltas)),
        on_done(std::move(done)) {}

  const std::shared_ptr<const void> owner;  // first: what follows uses it
  const Parts parts;
  GenerationRequest request;
  DeltaCallback on_delta;
  ReplyCallback on_done;
  std::atomic<std::thread::id> caller = std::this_thread::get_id();  // while it is inside `start`
  std::optional<Result<Reply>> reply;
};

Error thrown_error() {
  const std::string hint = "the callbacks of an asynchronous generation must not throw";
  try {
    throw;
  } catch (const std::exception& failure) {
    return Error(ErrorCode::cancelled, std::string("a callback threw \"") + failure.what() + "\"", hint);
  } catch (...) {
    return Error(ErrorCode::cancelled, "a callback threw", hint);
  }
}

void deliver(Start& start) {
  const InCallback in_callback;
  try {
    start.on_done(*std::move(start.reply));
  } catch (...) {
    start.parts.providers.log()(Severity::error, "tachikoma",
                                "on_done of a generation: " + thrown_error().message);
  }
  start.on_done = {};  // its captures are released before the runtime is
}

DeltaCallback marked(DeltaCallback on_delta) {
  if (!on_delta) return {};
  return [on_delta = std::move(on_delta)](const Delta& delta) {
    const InCallback in_callback;
    return on_delta(delta);
  };
}

// Its reply is in `start`. The generation comes first: it has room for the frame.
async::Task<Status> generate(Generation& generation, Start& start) {
  async::Task<Status> preparing = generation.prepare();
  Status prepared = co_await preparing;
  if (!prepared) co_return std::move(prepared).error();

  std::optional<DeltaBuffer> buffer;
  DeltaCallback on_delta = marked(std::move(start.on_delta));
  if (on_delta && generation.buffer_size() > 1) {
    buffer.emplace(generation.buffer_size(), start.parts.providers.timer(), generation.cancellation(),
                   std::move(on_delta));
    on_delta = [&buffer](const Delta& delta) { return buffer->push(delta); };
  }
  async::Task<Result<Reply>> running = generation.run(std::move(on_delta));
  start.reply.emplace(co_await running);
  if (buffer) buffer->end();
  co_return Done{};
}

void end(std::shared_ptr<Start> start) {
  async::Threads& threads = start->parts.threads;
  deliver(*start);
  start.reset();
  threads.started.leave();
}

// The caller may hold a lock that its callback takes.
void end_elsewhere(std::shared_ptr<Start> start) {
  try {
    start->parts.threads.continuations.run([start] { end(start); });
  } catch (const std::system_error&) {  // there is no other thread to report it on
    end(std::move(start));
  }
}

Detached serve(std::shared_ptr<Start> start) {
  try {
    auto generation =
        Generation::make(start->parts, async::Execution::Mode::async, std::move(start->request));
    Status generated = Done{};
    if (generation) {
      async::Task<Status> generating = generate(**generation, *start);
      generated = co_await generating;
    } else {
      generated = std::move(generation).error();
    }
    if (!generated) start->reply.emplace(std::move(generated).error());
  } catch (...) {
    start->reply.emplace(thrown_error());
  }
  if (start->caller.load() == std::this_thread::get_id())
    end_elsewhere(std::move(start));
  else
    end(std::move(start));
}

}  // namespace
}  // namespace generate

void Generator::start(generate::GenerationRequest request, DeltaCallback on_delta, ReplyCallback on_done,
                      std::shared_ptr<const void> owner) const {
  async::Threads& threads = parts_.threads;
  threads.started.enter();
  const auto made = std::make_shared<generate::Start>(parts_, std::move(owner), std::move(request),
                                                      std::move(on_delta), std::move(on_done));
  generate::serve(made);
  made->caller = std::thread::id();
}

}  // namespace tachikoma
