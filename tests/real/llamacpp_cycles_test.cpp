// SPDX-License-Identifier: MIT
// Many loads, one after another and at once: in the end nothing is left of them.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <malloc.h>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/resources.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

const LoadSettings kQuickly = {.extra = Value::object({{"no-warmup", true}})};

std::set<std::string> files_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(folder)) names.insert(each.path().string());
  return names;
}

/// What this process holds on its heap; 0 where a sanitizer has a heap of its own.
std::int64_t heap_bytes() {
  const struct mallinfo2 heap = ::mallinfo2();
  return static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
}

/// The memory that is this process's alone and written to.
std::int64_t dirty_bytes() {
  std::ifstream in("/proc/self/smaps_rollup");
  for (std::string word; in >> word;)
    if (word == "Private_Dirty:" && in >> word) return std::stoll(word) * 1024;
  return 0;
}

}  // namespace

TEST_CASE("Two hundred loads leave no process, descriptor, thread, file or memory",
          "[real][llamacpp][cycles]") {
  const LaunchedWorld world({{"alpha"}});
  const std::string temporary = (world.folder.path() / "tmp").string();
  std::filesystem::create_directory(temporary);
  const std::set<std::string> shared = files_in("/dev/shm");
  Runtime runtime = world.open({.more = ", environment: {TMPDIR: '" + temporary + "'}"});
  const auto cycle = [&](int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(runtime.load_model("alpha", kQuickly));
      REQUIRE(runtime.unload_model("alpha"));
    }
  };
  cycle(50);
  const Resources before;
  const std::int64_t heap = heap_bytes(), dirty = dirty_bytes();
  cycle(150);
  const std::int64_t heap_grown = heap_bytes() - heap, dirty_grown = dirty_bytes() - dirty;
  if (heap > 0) {                   // a sanitizer keeps what was freed
    CHECK(heap_grown < 150 * 100);  // less than a line of a log for each
    CHECK(dirty_grown < 150 * 4096);
  }
  CHECK(world.servers().empty());
  CHECK(Resources::settled(before) == before);
  CHECK(files_in(temporary).empty());
  // others of this machine use it too: what they leave for a while goes again
  CHECK(comes_true(20s, [&] {
    const std::set<std::string> now = files_in("/dev/shm");
    return std::includes(shared.begin(), shared.end(), now.begin(), now.end());
  }));
}

TEST_CASE("Eight who ask a model that is not loaded share one server", "[real][llamacpp][cycles]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open();
  std::atomic<int> answers{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { answers += runtime.generate_text({.messages = {user("Hello")}}) ? 1 : 0; });
  threads.clear();
  CHECK(answers == 8);
  CHECK(world.servers().size() == 1);
  CHECK(runtime.loaded_models().models.size() == 1);
}

TEST_CASE("Loads, questions and unloads at once leave nothing when all is unloaded",
          "[real][llamacpp][cycles]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open();
  const auto is_fair = [](ErrorCode code) {
    return code == ErrorCode::model_not_found || code == ErrorCode::model_lost;
  };
  std::atomic<int> unfair{0};
  const auto judge = [&](const auto& result) {
    if (!result && !is_fair(result.error().code)) ++unfair;
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5; ++n) judge(runtime.load_model("alpha", kQuickly));
      });
      threads.emplace_back([&] {
        for (int n = 0; n < 5; ++n) judge(runtime.generate_text({.messages = {user("Hi")}}));
      });
      threads.emplace_back([&] {
        for (int n = 0; n < 10; ++n) judge(runtime.unload_model("alpha"));
      });
    }
  }
  CHECK(unfair == 0);
  CHECK(runtime.provider("local").value().unload_all());
  CHECK(world.servers().empty());
}

TEST_CASE("A load that is cancelled at any time ends its process", "[real][llamacpp][cycles]") {
  const LaunchedWorld world({{"alpha"}});
  constexpr std::array kMoments{1, 2, 30, 100, 140, 160};
  std::array<std::stop_source, kMoments.size()> stops;
  std::atomic<std::size_t> turn{0};
  std::atomic<int> lines{0};
  std::atomic<Clock::time_point> stopped{};
  Runtime runtime = world.open({.log = [&](Severity, std::string_view, std::string_view) {
    if (++lines != kMoments.at(turn)) return;
    stopped = Clock::now();
    stops.at(turn).request_stop();
  }});
  for (std::size_t i = 0; i < kMoments.size(); ++i) {
    turn = i;
    lines = 0;
    const Result<LoadedModel> loaded = runtime.load_model("alpha", {}, {}, stops.at(i).get_token());
    if (loaded) {
      CHECK(runtime.unload_model("alpha"));
    } else {
      CHECK(loaded.error().code == ErrorCode::cancelled);
      const std::chrono::duration<double, std::milli> later = Clock::now() - stopped.load();
      WARN("cancelled at line " << kMoments.at(i) << " of the log: it had ended " << later.count()
                                << " ms later");
    }
    CHECK(world.servers().empty());
  }
}

TEST_CASE("A runtime that goes while a model is loaded takes the server along", "[real][llamacpp][cycles]") {
  const LaunchedWorld world({tireless("alpha")});
  std::future<Result<Reply>> reply;
  {
    Runtime runtime = world.open();
    reply = runtime.generate_text_future({.messages = {user("Hello")}});
    REQUIRE(comes_true(30s, [&] { return !world.servers().empty(); }));
  }
  CHECK(world.servers().empty());
  REQUIRE(reply.wait_for(0s) == std::future_status::ready);
  const Result<Reply> ended = reply.get();
  CHECK((ended || ended.error().code == ErrorCode::cancelled));
}
