// SPDX-License-Identifier: MIT
// How long a call takes to return once a stop is requested, in every phase that a call can be in.
//   usage: bench-cancel [TRIES [RUNS]]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <functional>
#include <mutex>
#include <netdb.h>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/stalling_server.hpp"

#include <tachikoma/tachikoma.hpp>

namespace {

using namespace tachikoma;
using namespace tachikoma::bench;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr char kStuckHost[] = "stuck.invalid";

std::counting_semaphore<> reached{0};  // the call is in the phase that is measured
std::mutex stuck_mutex;
std::condition_variable stuck_changed;
bool stuck_ends = false;  // look-ups of kStuckHost return

}  // namespace

// In place of the C library's, for every library of this process: a look-up of one name never ends, as with a
// name server that does not answer.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
  static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const bool numeric = hints && (hints->ai_flags & AI_NUMERICHOST);
  if (!numeric && host && std::strcmp(host, kStuckHost) == 0) {
    std::unique_lock lock(stuck_mutex);
    stuck_changed.wait(lock, [] { return stuck_ends; });
    return EAI_AGAIN;
  }
  return real(host, service, hints, result);
}

namespace {

Runtime make_runtime(const std::string& base_url, PolicyConfig policy = {}) {
  return Runtime::with({.plugin = "openai",
                        .base_url = base_url,
                        .policy = std::move(policy),
                        .plugin_paths = {TACHIKOMA_BINARY_DIR "/plugins"}},
                       [](Severity, std::string_view, std::string_view) {})
      .value();
}

ToolKit waiting_tool() {
  ToolKit kit;
  kit.add("wait", "Waits until it is cancelled", {}, [](const CallContext& context) {
    std::binary_semaphore cancelled{0};
    const OnCancel wake(context.cancellation, [&] { cancelled.release(); });
    reached.release();
    cancelled.acquire();
  });
  return kit;
}

struct Phase {
  const char* name;
  Runtime* runtime;
  const char* model;
  bool signals = true;  ///< `reached` is released; else the phase begins within a moment
  ToolKit tools = {};
  bool async = false;  ///< started, and not waited for
};

void wait_until_reached(const Phase& phase) {
  if (!phase.signals) return std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (!reached.try_acquire_for(std::chrono::seconds(10)))
    throw std::runtime_error(std::string("the phase '") + phase.name + "' was not reached");
}

double try_once(const Phase& phase) {
  std::stop_source stop;
  Clock::time_point end;
  ErrorCode code = ErrorCode::internal;
  std::binary_semaphore ended{0};
  TextRequest request{.model = phase.model, .messages = {user("Hello")}, .tools = phase.tools};
  request.stop = stop.get_token();
  const DeltaCallback on_delta = [](const Delta& delta) {
    if (delta.kind == Delta::Kind::text) reached.release();
    return Flow::proceed;
  };
  const auto on_done = [&](const Result<Reply>& reply) {
    end = Clock::now();
    if (!reply) code = reply.error().code;
    ended.release();
  };
  std::thread caller([&] {
    if (phase.async)
      phase.runtime->stream_text_async(request, on_delta, on_done);
    else
      on_done(phase.runtime->stream_text(request, on_delta));
  });
  std::exception_ptr failure;
  try {
    wait_until_reached(phase);
  } catch (...) {
    failure = std::current_exception();
  }
  const Clock::time_point start = Clock::now();
  stop.request_stop();
  caller.join();
  ended.acquire();
  if (failure) std::rethrow_exception(failure);
  if (code != ErrorCode::cancelled)
    throw std::runtime_error(std::string("in '") + phase.name + "' a cancelled call ended as " +
                             std::string(to_string(code)));
  return Milliseconds(end - start).count();
}

struct Times {
  double median, p99, most;
};

Times measure(const Phase& phase, std::size_t tries) {
  std::vector<double> times;
  for (std::size_t i = 0; i < tries; ++i) times.push_back(try_once(phase));
  std::sort(times.begin(), times.end());
  return {times[tries / 2], times[std::min(tries * 99 / 100, tries - 1)], times.back()};
}

void report(const Phase& phase, std::size_t tries, std::size_t runs) {
  Times best = measure(phase, tries);
  for (std::size_t run = 1; run < runs; ++run)
    if (const Times times = measure(phase, tries); times.p99 < best.p99) best = times;
  std::printf("cancel %-8s %-8s median %6.2f ms, p99 %6.2f ms, most %6.2f ms (%zu tries, best of %zu runs)\n",
              phase.name, phase.async ? "async" : "blocking", best.median, best.p99, best.most, tries, runs);
  std::fflush(stdout);
}

void run(std::size_t tries, std::size_t runs) {
  const StallingServer server([] { reached.release(); });
  const FullQueue full_queue;
  Runtime plain = make_runtime(server.base_url());
  Runtime unreachable = make_runtime(full_queue.base_url());
  Runtime nameless = make_runtime(std::string("http://") + kStuckHost + ":1/v1");
  for (Phase phase :
       {Phase{"resolve", &nameless, "silent", false}, Phase{"connect", &unreachable, "silent", false},
        Phase{"load", &plain, "loading"}, Phase{"prefill", &plain, "silent"},
        Phase{"decode", &plain, "talking"}, Phase{"tool", &plain, "calling", true, waiting_tool()}})
    for (const bool async : {false, true}) {
      phase.async = async;
      report(phase, tries, runs);
    }

  PolicyConfig one_at_a_time;
  one_at_a_time.limits.concurrency = 1;
  Runtime limited = make_runtime(server.base_url(), one_at_a_time);
  std::stop_source stop;
  std::thread first([&] {
    TextRequest request{.model = "silent", .messages = {user("Hello")}};
    request.stop = stop.get_token();
    static_cast<void>(limited.generate_text(request));
  });
  reached.acquire();
  for (const bool async : {false, true}) report({"queue", &limited, "silent", false, {}, async}, tries, runs);
  stop.request_stop();
  first.join();
}

}  // namespace

int main(int argc, char** argv) {
  const long tries = argc > 1 ? std::atol(argv[1]) : 100;
  const long runs = argc > 2 ? std::atol(argv[2]) : 1;
  if (argc > 3 || tries < 1 || runs < 1) {
    std::fputs("usage: bench-cancel [TRIES [RUNS]]\n", stderr);
    return 2;
  }
  int code = 0;
  try {
    run(static_cast<std::size_t>(tries), static_cast<std::size_t>(runs));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench-cancel: %s\n", failure.what());
    code = 1;
  }
  {
    const std::lock_guard lock(stuck_mutex);
    stuck_ends = true;
  }
  stuck_changed.notify_all();
  return code;
}
