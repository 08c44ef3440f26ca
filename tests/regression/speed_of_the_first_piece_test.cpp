// SPDX-License-Identifier: MIT
// The speed of an answer was its tokens by the time from its first piece to its end: the tokens of the first
// piece counted, and the time in which they were made did not. Two tokens at 60 tokens/s were 118, and an
// answer that something on the way had held back came at 7,621.
#include "monitors/speed.hpp"
#include "support/catch.hpp"
#include "unit/models/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

const monitors::Arrivals::Time kArrivalStart{1h};

// Pieces with these lengths, each as long after the first as it says.
struct TimedPiece {
  std::chrono::microseconds after;
  std::size_t bytes = 4;
};

Sourced<double> speed_of_pieces(const std::vector<TimedPiece>& pieces, std::optional<std::int64_t> tokens) {
  monitors::Arrivals arrivals;
  arrivals.begin(kArrivalStart);
  for (const TimedPiece& piece : pieces) arrivals.note(kArrivalStart + piece.after, piece.bytes);
  return arrivals.speed(tokens);
}

// One token every 20 ms.
std::vector<TimedPiece> steady_pieces(int count) {
  std::vector<TimedPiece> pieces;
  for (int i = 0; i < count; ++i) pieces.push_back({i * 20ms});
  return pieces;
}

double measured_value(const Sourced<double>& speed) {
  CHECK(speed.source == Source::measured);
  return speed.value;
}

}  // namespace

TEST_CASE("a speed is that of the tokens after the first", "[generate]") {
  CHECK(measured_value(speed_of_pieces(steady_pieces(101), 101)) == Approx(50));
  CHECK(measured_value(speed_of_pieces(steady_pieces(6), 6)) == Approx(50));
  CHECK(measured_value(speed_of_pieces({{0ms}, {1000ms}}, 2)) == Approx(1));
  // the end mark is a token without a text
  CHECK(measured_value(speed_of_pieces(steady_pieces(101), 102)) == Approx(50).epsilon(0.02));
}

TEST_CASE("tokens that a server held back for its first piece are no speed", "[generate]") {
  std::vector<TimedPiece> pieces = steady_pieces(51);
  SECTION("in one piece") { pieces.front().bytes = 200; }
  SECTION("in many, at once") { pieces.insert(pieces.begin(), 49, {0ms}); }
  const Sourced<double> half = speed_of_pieces(pieces, 100);
  CHECK(half.value == Approx(50).epsilon(0.05));
}

TEST_CASE("the speed of an answer that came in few pieces is estimated, or unknown", "[generate]") {
  const Sourced<double> lumps = speed_of_pieces({{0ms, 40}, {200ms, 40}, {400ms, 40}}, 30);
  CHECK(lumps.source == Source::estimated);
  CHECK(lumps.value == Approx(50));
  CHECK(speed_of_pieces({{0ms, 120}}, 30).basis == "the whole answer came at once");
  CHECK(speed_of_pieces({{0ms, 60}, {1ms, 60}}, 30).basis == "the whole answer came at once");
  std::vector<TimedPiece> burst;
  for (int i = 0; i < 30; ++i) burst.push_back({i * 1300us});
  CHECK(speed_of_pieces(burst, 30).basis == "too few tokens came after the first to measure a speed");
  CHECK(speed_of_pieces({}, 0).basis == "no token came");
  CHECK(speed_of_pieces(steady_pieces(10), std::nullopt).basis ==
        "the server did not report its completion tokens");
  CHECK_FALSE(speed_of_pieces(steady_pieces(10), 1));
}

TEST_CASE("the first piece is the first, however long its receiver takes for it", "[generate]") {
  std::vector<TimedPiece> pieces{{1000ms}};  // the time of the note is after the callback
  for (int i = 1; i <= 60; ++i) pieces.push_back({1004ms});
  for (int i = 61; i <= 100; ++i) pieces.push_back({i * 1000ms / 60});
  CHECK(speed_of_pieces(pieces, 101).value == Approx(60).epsilon(0.02));
}

TEST_CASE("the speeds of several answers are combined by their times", "[generate]") {
  const Sourced<double> fast{100, Source::reported, "the server"}, slow{25, Source::measured, "here"}, none{};
  const Sourced<double> both = monitors::combined(fast, 100, slow, 100);
  CHECK(both.value == Approx(40));
  CHECK(both.source == Source::reported);
  CHECK(monitors::combined(none, 5, slow, 100) == slow);
  CHECK(monitors::combined(slow, 5, none, 100) == slow);
  CHECK_FALSE(monitors::combined(none, 5, none, 100));
}

TEST_CASE("a server's own timings come before what is measured", "[generate]") {
  const auto fake = std::make_shared<FakeProvider>();
  fake->models = {{.key = "m"}};
  fake->on_chat = [](const ChatRequest&, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = "all of it"});
    return ChatOutcome{.usage = {.prompt_tokens = 100, .completion_tokens = 30, .reasoning_tokens = {}},
                       .tokens_per_second = {61.5, Source::reported, "the server"},
                       .prompt_tokens_per_second = {900, Source::reported, "the server"}};
  };
  const auto parts = make_parts({setup("fake", fake)});
  const Metrics metrics =
      parts->generator.generate({{.model = "m", .messages = {user("hi")}}}, {}).value().metrics;
  CHECK(metrics.tokens_per_second == Sourced<double>{61.5, Source::reported, "the server"});
  CHECK(metrics.prompt_tokens_per_second == Sourced<double>{900, Source::reported, "the server"});
}
