// SPDX-License-Identifier: MIT
#include "queue/broker.hpp"

#include <csignal>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;
using queue::Beginning;
using queue::Broker;
using queue::TakenLine;

namespace {

constexpr Broker::Rules kPatient{1h, 3}, kDeadAtOnce{1ms, 3};

Broker broker_of(const std::string& url) {
  return Broker::connect(queue::parse_queue_url(url).value()).value();
}

TakenLine line(std::size_t request) {
  const std::string number = std::to_string(request);
  return {.request = request, .custom_id = "id-" + number, .text = "{\"prompt\":\"" + number + "\"}"};
}

/// A batch of three lines for the model `a`, which are fed.
struct FedBatch {
  RedisServer redis;
  Broker broker = broker_of(redis.url());

  FedBatch() {
    REQUIRE(broker.begin("hash", 3, "here", Beginning::begin));
    REQUIRE(broker.feed("a", 10, {line(0), line(1), line(2)}).value().lines == 3);
  }
  std::vector<TakenLine> take(const std::string& worker, std::size_t most,
                              const Broker::Rules& rules = kPatient) {
    return broker.take(worker, "a", most, rules).value().lines;
  }
  // What another worker has, as soon as its time is over.
  TakenLine take_over(const std::string& worker) {
    std::vector<TakenLine> taken;
    REQUIRE(comes_true(20s, [&] { return !(taken = take(worker, 1, kDeadAtOnce)).empty(); }));
    return taken.front();
  }
  std::string error_of_begin(const std::string& hash, const std::string& owner, Beginning how) {
    const Status begun = broker.begin(hash, 3, owner, how);
    REQUIRE_FALSE(begun);
    return begun.error().message;
  }
};

std::string connection_error(const std::string& url, queue::RedisTimeouts timeouts = {}) {
  const auto broker = Broker::connect(queue::parse_queue_url(url).value(), timeouts);
  REQUIRE_FALSE(broker);
  return std::string(to_string(broker.error().code)) + ": " + broker.error().message;
}

}  // namespace

TEST_CASE("lines are fed once, as far as there is room, and each is taken by one worker", "[queue]") {
  FedBatch batch;
  CHECK(batch.broker.feed("a", 10, {line(0), line(1)}).value().lines == 2);  // they are there already
  CHECK(batch.broker.status().value().waiting.front().lines == 3);
  CHECK(batch.broker.feed("b", 2, {line(0)}).value().there == 0);  // whatever the model: it was fed
  const auto first = batch.take("one", 2), second = batch.take("two", 2);
  REQUIRE(first.size() == 2);
  CHECK(first[1].custom_id == "id-1");
  CHECK(first[1].text == "{\"prompt\":\"1\"}");
  REQUIRE(second.size() == 1);
  CHECK(second[0].request == 2);
  CHECK(batch.take("three", 2).empty());
  const QueueStatus status = batch.broker.status().value();
  CHECK(status.in_work.size() == 3);
  CHECK(status.in_work[2].worker == "two");
  CHECK(status.in_work[2].model == "a");
  CHECK(status.waiting.front().lines == 0);
}

TEST_CASE("a full window takes no further line until one has its result", "[queue]") {
  FedBatch batch;
  REQUIRE(batch.broker.finish().value());
  REQUIRE(batch.broker.begin("hash", 3, "here", Beginning::begin));
  CHECK(batch.broker.feed("a", 2, {line(0), line(1), line(2)}).value().lines == 2);
  const auto taken = batch.take("one", 1);
  CHECK(batch.broker.record("one", "a", taken[0], true, "{}").value());
  CHECK(batch.broker.feed("a", 2, {line(2)}).value().lines == 1);
}

TEST_CASE("a line that was answered twice has one result, the first", "[queue]") {
  FedBatch batch;
  const TakenLine slow = batch.take("slow", 3).front();
  const TakenLine again = batch.take_over("quick");
  CHECK(again.request == slow.request);
  CHECK(batch.broker.alive("slow", "a", {slow.id}).value() == std::vector<std::string>{slow.id});
  CHECK(batch.broker.alive("quick", "a", {again.id}).value().empty());
  CHECK(batch.broker.record("quick", "a", again, true, "\"quick\"").value());
  CHECK_FALSE(batch.broker.record("slow", "a", slow, true, "\"slow\"").value());
  const auto results = batch.broker.collect(10, {}).value();
  REQUIRE(results.size() == 1);
  CHECK(results[0].text == "\"quick\"");
  CHECK(batch.broker.collect(10, {results[0].id}).value().empty());
  CHECK_FALSE(
      batch.broker.record("slow", "a", slow, true, "\"slow\"").value());  // also when it was collected
  CHECK(batch.broker.status().value().done == 1);
}

TEST_CASE("who shows that it lives keeps its lines", "[queue]") {
  FedBatch batch;
  const TakenLine kept = batch.take("one", 1).front();
  CHECK(batch.take("two", 3).size() == 2);
  REQUIRE(comes_true(20s, [&] {
    return batch.redis.cli({"XPENDING", "tachikoma:1:{test}:lines:a", "workers", "IDLE", "5", "-", "+", "9"})
               .find(kept.id) != std::string::npos;
  }));
  CHECK(batch.broker.alive("one", "a", {kept.id}).value().empty());
  CHECK(batch.take("three", 1, {1h, 3}).empty());
  CHECK(batch.redis.cli({"XPENDING", "tachikoma:1:{test}:lines:a", "workers", "-", "+", "9", "one"})
            .find(kept.id) != std::string::npos);
}

TEST_CASE("a line that three workers did not answer fails with its history", "[queue]") {
  FedBatch batch;
  batch.take("one", 3);
  TakenLine taken = batch.take_over("two");
  CHECK(taken.request == 0);
  REQUIRE(batch.broker.give_back("two", "a", taken, "unreachable: nothing answers", kPatient));
  taken = batch.take("three", 1).front();
  CHECK(taken.request == 0);
  REQUIRE(batch.broker.give_back("three", "a", taken, "", kPatient));  // it was stopped: no attempt
  taken = batch.take("four", 1).front();
  REQUIRE(batch.broker.give_back("four", "a", taken, "model_lost: it crashed", kPatient));
  CHECK(batch.take("five", 1).empty());
  const auto results = batch.broker.collect(10, {}).value();
  REQUIRE(results.size() == 1);
  CHECK(results[0].kind == queue::QueuedResult::Kind::lost);
  CHECK_THAT(results[0].text,
             ContainsSubstring("one: no sign of life for 0 s\ntwo: unreachable: nothing answers\n"
                               "four: model_lost: it crashed\n"));
}

TEST_CASE("a batch is one feeder's, and of one input", "[queue]") {
  FedBatch batch;
  CHECK_THAT(batch.error_of_begin("other", "here", Beginning::resume), ContainsSubstring("has other lines"));
  CHECK_THAT(batch.error_of_begin("hash", "there", Beginning::resume),
             ContainsSubstring("is fed from elsewhere; its results go to 'here'"));
  CHECK_THAT(batch.error_of_begin("hash", "here", Beginning::begin),
             ContainsSubstring("its journal is gone"));
  CHECK(batch.broker.begin("hash", 3, "here", Beginning::resume));
  CHECK(batch.broker.begin("hash", 3, "here", Beginning::rejoin));
}

TEST_CASE("a batch that has ended, or was cancelled, leaves no key behind", "[queue]") {
  FedBatch batch;
  const TakenLine taken = batch.take("one", 1).front();
  REQUIRE(batch.broker.feed("b", 2, {}).value().lines == 0);
  CHECK(batch.broker.finish().value());
  CHECK(batch.redis.cli({"KEYS", "*"}) == "\n");
  CHECK_FALSE(batch.broker.finish().value());
  CHECK_FALSE(batch.broker.record("one", "a", taken, true, "{}").value());
  CHECK(batch.broker.take("one", "a", 1, kPatient).value().state == Broker::State::gone);
  CHECK(batch.broker.alive("one", "a", {taken.id}).value().size() == 1);
  CHECK(batch.broker.give_back("one", "a", taken, "late", kPatient));
  CHECK(batch.broker.collect(1, {}).error().code == ErrorCode::cancelled);
  CHECK(batch.broker.feed("a", 2, {line(1)}).error().code == ErrorCode::cancelled);
  CHECK(batch.broker.begin("hash", 3, "here", Beginning::rejoin).error().code == ErrorCode::cancelled);
  CHECK_FALSE(batch.broker.set_state("paused").value());
  CHECK_FALSE(batch.broker.status().value().exists);
  CHECK(batch.redis.cli({"KEYS", "*"}) == "\n");
}

TEST_CASE("nobody takes lines of a batch that is paused", "[queue]") {
  FedBatch batch;
  CHECK(batch.broker.set_state("paused").value());
  CHECK(batch.broker.take("one", "a", 1, kPatient).value().state == Broker::State::paused);
  CHECK(batch.broker.status().value().paused);
  CHECK(batch.broker.set_state("running").value());
  CHECK(batch.take("one", 1).size() == 1);
}

TEST_CASE("a full server refuses a result as a whole, and takes it when there is room again", "[queue]") {
  FedBatch batch;
  const auto taken = batch.take("one", 2);
  REQUIRE(batch.broker.record("one", "a", taken[0], true, "{}").value());
  batch.redis.cli({"CONFIG", "SET", "maxmemory", "1"});
  const auto refused = batch.broker.record("one", "a", taken[1], true, "{}");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::overloaded);
  CHECK_THAT(refused.error().message, ContainsSubstring("is full: it has reached its 'maxmemory'"));
  CHECK(batch.broker.take("two", "a", 1, kPatient).error().code == ErrorCode::overloaded);
  CHECK(batch.broker.collect(10, {}).value().size() == 1);  // what makes room goes on
  batch.redis.cli({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(batch.broker.record("one", "a", taken[1], true, "{}").value());
  CHECK(batch.take("two", 1).size() == 1);
}

TEST_CASE("each trouble with a server has a sentence of its own", "[queue]") {
  const RedisServer locked({"--requirepass", "s3cret"});
  const std::string at = "127.0.0.1:" + std::to_string(locked.port()) + "/n";
  CHECK_THAT(connection_error("redis://" + at),
             ContainsSubstring("unauthenticated") && ContainsSubstring("wants a password"));
  CHECK_THAT(connection_error("redis://:wrong@" + at),
             ContainsSubstring("refuses the user or the password") && !ContainsSubstring("wrong"));
  CHECK_THAT(connection_error("redis://ada:wrong@" + at),
             ContainsSubstring("refuses the user or the password"));
  CHECK(Broker::connect(queue::parse_queue_url("redis://:s3cret@" + at).value()));
  const RedisServer open;
  CHECK_THAT(connection_error("redis://:any@127.0.0.1:" + std::to_string(open.port()) + "/n"),
             ContainsSubstring("unauthenticated"));
  CHECK_THAT(connection_error("redis://127.0.0.1:1/n"),
             ContainsSubstring("unreachable: nothing answers at the queue"));
  CHECK_THAT(connection_error("redis://no-such-host.invalid/n"), ContainsSubstring("is not known"));
  open.signal(SIGSTOP);
  CHECK_THAT(connection_error("redis://127.0.0.1:" + std::to_string(open.port()) + "/n", {3s, 50ms}),
             ContainsSubstring("does not answer within 50 ms"));
  open.signal(SIGCONT);
}

TEST_CASE("what is not Redis, and a reply that is cut, are noticed", "[queue]") {
  const auto error_after = [](std::string_view sent) {
    LoopbackServer server([&](Peer& peer, int) { peer.send(sent); });
    return connection_error("redis://127.0.0.1:" + std::to_string(server.port()) + "/n");
  };
  for (const char* sent :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "$abc\r\n", "*99999999999\r\n", ":1\r\n", "\r\n",
        "$3\r\nabcde\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"})
    CHECK_THAT(error_after(sent), ContainsSubstring("is not Redis"));
  for (const char* sent : {"$100\r\nrun_id:1", "*2\r\n$1\r\na\r\n", "$10", ""})
    CHECK_THAT(error_after(sent), ContainsSubstring("is lost"));
  CHECK_THAT(error_after("$34\r\nredis_version:6.0.16\r\nrun_id:abc\r\n\r\n"),
             ContainsSubstring("is Redis 6.0.16"));
}
