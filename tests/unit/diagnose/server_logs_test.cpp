// SPDX-License-Identifier: MIT
#include "diagnose/server_logs.hpp"

#include <future>

#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Line {
  Severity severity;
  std::string who, text;
  friend bool operator==(const Line&, const Line&) = default;
};

/// A log that waits for its first line.
struct Log {
  std::promise<Line> first;
  std::atomic<int> lines = 0;
  LogCallback callback = [this](Severity severity, std::string_view who, std::string_view text) {
    if (lines++ == 0) first.set_value({severity, std::string(who), std::string(text)});
  };
};

}  // namespace

TEST_CASE("a server's log is followed from the provider's first call until the runtime's end", "[runtime]") {
  const auto server = std::make_shared<FakeModelServer>();
  std::atomic<int> followed = 0;
  std::atomic<bool> ended = false;
  server->on_follow = [&](ServerLogSink& sink, const CallContext& context) -> Status {
    ++followed;
    sink.on_line(Severity::info, "loading\x1b[31m the model");
    wait_for_cancel(context);
    ended = true;
    return Error(ErrorCode::cancelled, "it was cancelled");
  };
  Log log;
  calls::ProviderSetup one = setup("fake", server);
  one.before_call = [logs = std::make_shared<diagnose::ServerLogs>("fake", one.components, log.callback)] {
    logs->follow();
  };
  auto parts = make_parts({std::move(one)});
  CHECK(followed == 0);
  parts->management.loaded_anywhere({});
  parts->management.loaded_anywhere({});
  CHECK(log.first.get_future().get() == Line{Severity::info, "fake server", "loading [31m the model"});
  CHECK_FALSE(ended);
  parts.reset();
  CHECK(ended);
  CHECK(followed == 1);
  CHECK(log.lines == 1);
}

TEST_CASE("a log that can't be followed is said once, and no reason for a call to fail", "[runtime]") {
  const auto server = std::make_shared<FakeModelServer>();
  Log log;
  calls::ProviderSetup one = setup("fake", server);
  one.before_call = [logs = std::make_shared<diagnose::ServerLogs>("fake", one.components, log.callback)] {
    logs->follow();
  };
  const auto parts = make_parts({std::move(one)});
  CHECK(parts->management.loaded_anywhere({}).failures.empty());
  CHECK(log.first.get_future().get() ==
        Line{Severity::debug, "fake", "the server's log is not followed: no log"});
}

TEST_CASE("a log that throws does not end the following", "[runtime]") {
  const auto server = std::make_shared<FakeModelServer>();
  std::promise<Flow> second;
  server->on_follow = [&](ServerLogSink& sink, const CallContext&) -> Status {
    sink.on_line(Severity::info, "one");
    second.set_value(sink.on_line(Severity::info, "two"));
    return Done{};
  };
  diagnose::ServerLogs logs("fake", {{server}}, [](auto&&...) { throw std::runtime_error("full"); });
  logs.follow();
  CHECK(second.get_future().get() == Flow::proceed);
}
