// SPDX-License-Identifier: MIT
// The log of launched servers, as those hear it who follow it.
#include "llamacpp/log_feed.hpp"

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

// Keeps the lines, and stops at the one that ends with "stop".
class Lines final : public ServerLogSink {
 public:
  Flow on_line(Severity severity, std::string_view text) override {
    all.push_back(std::string(to_string(severity)) + " " + std::string(text));
    return text.ends_with("stop") ? Flow::stop : Flow::proceed;
  }
  std::vector<std::string> all;
};

// Takes its first line only when it is let go on.
class SlowLines final : public ServerLogSink {
 public:
  Flow on_line(Severity, std::string_view text) override {
    if (all.empty()) {
      begun.set_value();
      go_on.get_future().wait();
    }
    all.emplace_back(text);
    return text.ends_with("stop") ? Flow::stop : Flow::proceed;
  }
  std::vector<std::string> all;
  std::promise<void> begun, go_on;
};

}  // namespace

TEST_CASE("Lines come in order, marked with their model, as grave as the server calls them") {
  LogFeed feed;
  feed.add("alpha", "0.00.159.351 E llama_init: failed");
  feed.add("beta", "0.00.159.352 W srv: careful");
  feed.add("beta", "0.00.159.353 D srv: detail");
  feed.add("alpha", "a banner");
  feed.add("alpha", "stop");
  Lines lines;
  TestCancellation cancellation;
  CHECK(feed.follow(lines, {cancellation, "r"}));
  CHECK(lines.all == std::vector<std::string>{"error alpha: 0.00.159.351 E llama_init: failed",
                                              "warning beta: 0.00.159.352 W srv: careful",
                                              "debug beta: 0.00.159.353 D srv: detail",
                                              "info alpha: a banner", "info alpha: stop"});
}

TEST_CASE("The last lines before anybody followed are kept for the first who does") {
  LogFeed feed;
  for (std::size_t i = 0; i <= LogFeed::kMaxKept; ++i) feed.add("m", std::to_string(i));
  TestCancellation cancelled;
  cancelled.request();
  Lines first, second;
  CHECK(feed.follow(first, {cancelled, "r"}).error().code == ErrorCode::cancelled);
  CHECK(first.all.size() == LogFeed::kMaxKept);
  CHECK(first.all.front() == "info m: 1");
  CHECK(feed.follow(second, {cancelled, "r"}).error().code == ErrorCode::cancelled);
  CHECK(second.all.empty());
}

TEST_CASE("A slow follower holds up nobody, and is told how many lines it lost") {
  LogFeed feed;
  SlowLines slow;
  TestCancellation cancellation;
  Status end = Done{};
  std::thread follower([&] { end = feed.follow(slow, {cancellation, "r"}); });
  feed.add("m", "first");
  slow.begun.get_future().wait();
  for (std::size_t i = 0; i < LogFeed::kMaxQueued + 7; ++i) feed.add("m", "more");
  slow.go_on.set_value();
  cancellation.request();
  follower.join();
  CHECK(end.error().code == ErrorCode::cancelled);
  REQUIRE(slow.all.size() == 1 + LogFeed::kMaxQueued + 1);
  CHECK_THAT(slow.all.back(), ContainsSubstring("7 lines of the log are lost here"));
}

TEST_CASE("All who follow hear a line, and one who stops leaves the others") {
  LogFeed feed;
  SlowLines stays, leaves;
  TestCancellation cancellation;
  stays.go_on.set_value();
  leaves.go_on.set_value();
  std::future<Status> stayed = std::async(std::launch::async, [&] {
    return feed.follow(stays, {cancellation, "r"});
  });
  feed.add("m", "for the first");
  stays.begun.get_future().wait();
  std::future<Status> left = std::async(std::launch::async, [&] {
    return feed.follow(leaves, {cancellation, "r"});
  });
  // a follower tells nobody when it begins to listen
  for (auto heard = leaves.begun.get_future();
       heard.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready;)
    feed.add("m", "for both");
  feed.add("m", "now stop");
  CHECK(left.get());
  CHECK(leaves.all.back() == "m: now stop");
  CHECK(stayed.get());
  CHECK(stays.all.back() == "m: now stop");
  CHECK(stays.all.front() == "m: for the first");
}
