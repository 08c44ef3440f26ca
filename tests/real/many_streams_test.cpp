// SPDX-License-Identifier: MIT
// Very many streams at once, through the public interface.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <stop_token>
#include <string>

#include <sys/resource.h>

#include "real/node_server.hpp"
#include "support/catch.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr int kStreams = 1000;

// A number of /proc/self/status, such as "VmHWM".
long status_of_process(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.rfind(key + ":", 0) == 0) return std::stol(line.substr(key.size() + 1));
  return -1;
}

bool allow_descriptors(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(count, limit.rlim_max));
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= count;
}

Runtime runtime_on(const NodeServer& server) {
  return Runtime::with({.plugin = "openai", .base_url = server.url()}).value();
}

TextRequest request_for(const std::string& model, std::stop_token stop = {}) {
  return {.model = "openai::" + model, .messages = {user("Hello")}, .stop = std::move(stop)};
}

}  // namespace

TEST_CASE("1,000 open streams are served by one process with under 20 threads and 60 MB", "[node]") {
  if (!has_node()) {
    WARN("SKIPPED: no node here");
    return;
  }
  if (!allow_descriptors(kStreams + 200)) {
    WARN("SKIPPED: this process may not open that many descriptors");
    return;
  }
  NodeServer server("open-streams-server.js");
  Runtime runtime = runtime_on(server);
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  std::atomic<int> whole = 0;
  std::promise<void> all_begun;
  std::promise<void> all_ended;
  for (int i = 0; i < kStreams; ++i)
    runtime.stream_text_async(
        request_for("stay"),
        [&, first = true](const Delta& delta) mutable {
          if (delta.kind == Delta::Kind::text && std::exchange(first, false) && ++begun == kStreams)
            all_begun.set_value();
          return Flow::proceed;
        },
        [&](Result<Reply> reply) {
          if (reply && reply->text == "Hel" + std::string(20, 'l') + "o") ++whole;
          if (++ended == kStreams) all_ended.set_value();
        });
  all_begun.get_future().wait();  // the server ends none before it is told
  CHECK(ended == 0);
  CHECK(status_of_process("Threads") < 20);
  CHECK(runtime.generate_text(request_for("finish")));
  all_ended.get_future().wait();
  CHECK(whole == kStreams);
  CHECK(status_of_process("VmHWM") < 60 * 1000);  // kB, the most that it ever had
}

TEST_CASE("1,000 open streams end when they are cancelled", "[node]") {
  if (!has_node() || !allow_descriptors(kStreams + 200)) {
    WARN("SKIPPED: no node here, or not enough descriptors");
    return;
  }
  NodeServer server("open-streams-server.js");
  Runtime runtime = runtime_on(server);
  std::stop_source stop;
  std::atomic<int> begun = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> ended = 0;
  std::promise<void> all_begun;
  std::promise<void> all_ended;
  for (int i = 0; i < kStreams; ++i)
    runtime.stream_text_async(
        request_for("stay", stop.get_token()),
        [&, first = true](const Delta& delta) mutable {
          if (delta.kind == Delta::Kind::text && std::exchange(first, false) && ++begun == kStreams)
            all_begun.set_value();
          return Flow::proceed;
        },
        [&](Result<Reply> reply) {
          if (!reply && reply.error().code == ErrorCode::cancelled) ++cancelled;
          if (++ended == kStreams) all_ended.set_value();
        });
  all_begun.get_future().wait();
  stop.request_stop();
  all_ended.get_future().wait();
  CHECK(cancelled == kStreams);
}
