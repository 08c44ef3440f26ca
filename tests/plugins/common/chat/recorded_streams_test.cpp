// SPDX-License-Identifier: MIT
// What is told must depend on what a server sent, never on how its bytes arrived: the same list of events,
// raw, nothing merged. tests/fixtures/streams/README.md says where each recording comes from.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "common/http/http_response.hpp"
#include "common/net/tail_room.hpp"
#include "plugins/common/chat/playback.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kFolder = TACHIKOMA_SOURCE_DIR "/tests/fixtures/streams";
#ifdef TACHIKOMA_SANITIZED
constexpr std::size_t kSecondCutStep = 23;  // sanitizers are slow; every pair is tried in the other builds
constexpr int kRandomCuts = 100;
#else
constexpr std::size_t kSecondCutStep = 1;
constexpr int kRandomCuts = 10'000;
#endif
constexpr std::size_t kSmall = 2048;

struct Recording {
  std::string name;
  std::string bytes;  // with room behind them
  std::string expected;
};

// What a server leaves as text is a call only where the request had tools.
bool offers_tools(const std::string& name) { return name.starts_with("left_call"); }

std::string with_room(std::string text) {
  text.reserve(text.size() + kit::kTailRoom);
  return text;
}

std::string play_whole(const std::string& name, std::string_view bytes) {
  Playback playback(0, offers_tools(name));
  playback.feed(bytes);
  return playback.finish();
}

std::string play_cut_twice(const Recording& recording, std::size_t first, std::size_t second) {
  const std::string_view all = recording.bytes;
  Playback playback(0, offers_tools(recording.name));
  playback.feed(all.substr(0, first));
  playback.feed(all.substr(first, second - first));
  playback.feed(all.substr(second));
  return playback.finish();
}

std::vector<Recording> recordings() {
  std::vector<Recording> all;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    if (file.path().extension() != ".txt") continue;
    Recording recording{file.path().stem(), with_room(read_file(file.path())), {}};
    recording.expected = play_whole(recording.name, recording.bytes);
    all.push_back(std::move(recording));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

// The head and the body of a response that came whole; an empty head when it did not.
struct Response {
  std::string head;  // without the fields that frame the body
  std::string body;
};

Response take_apart(std::string_view bytes) {
  using Event = kit::HttpResponseParser::Event;
  kit::HttpResponseParser parser;
  Response response;
  parser.feed(bytes);
  const auto drain = [&] {
    for (Event event = parser.next(); event != Event::none && event != Event::end; event = parser.next())
      if (event == Event::body) response.body += parser.body();
  };
  drain();
  parser.finish();
  drain();
  if (!parser.ended() || !parser.failure().empty()) return {};
  response.head = "HTTP/1.1 " + std::to_string(parser.head().status) + " Reason\r\n";
  for (const auto& field : parser.head().fields) {
    const bool frames = base::same_ignoring_case(field.name, "Content-Length") ||
                        base::same_ignoring_case(field.name, "Transfer-Encoding") ||
                        base::same_ignoring_case(field.name, "Connection");
    if (!frames) response.head.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return response;
}

std::string in_chunks(const Response& response, std::size_t size) {
  std::string bytes = response.head + "Transfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < response.body.size(); at += size) {
    const std::string chunk = response.body.substr(at, size);
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zx\r\n", chunk.size());
    bytes += digits + chunk + "\r\n";
  }
  return bytes + "0\r\n\r\n";
}

unsigned any_seed() {
  const char* given = std::getenv("TACHIKOMA_SEED");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

}  // namespace

TEST_CASE("recorded replies of servers become the expected events", "[streams]") {
  for (const Recording& recording : recordings()) {
    INFO(recording.name);
    check_golden("streams/" + recording.name + ".txt", recording.expected);
  }
}

TEST_CASE("every recording says where its shape comes from", "[streams]") {
  const std::string sources = read_file(kFolder + "/README.md");
  for (const Recording& recording : recordings()) {
    INFO(recording.name);
    CHECK(sources.find("\n- `" + recording.name + "`: ") != std::string::npos);
  }
}

TEST_CASE("a reply means the same wherever its bytes are cut once", "[streams]") {
  for (const Recording& recording : recordings()) {
    const std::string_view all = recording.bytes;
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
      Playback playback(0, offers_tools(recording.name));
      playback.feed_copied(all.substr(0, cut));
      playback.feed_copied(all.substr(cut));
      if (const std::string seen = playback.finish(); seen != recording.expected) {
        INFO(recording.name << " cut at " << cut);
        CHECK(seen == recording.expected);
      }
    }
  }
}

TEST_CASE("a small reply means the same wherever its bytes are cut twice", "[streams][exhaustive]") {
  std::size_t played = 0;
  for (const Recording& recording : recordings()) {
    if (recording.bytes.size() > kSmall) continue;
    ++played;
    for (std::size_t first = 1; first < recording.bytes.size(); ++first) {
      for (std::size_t second = first + 1; second < recording.bytes.size(); second += kSecondCutStep) {
        const std::string seen = play_cut_twice(recording, first, second);
        if (seen == recording.expected) continue;
        INFO(recording.name << " cut at " << first << " and " << second);
        REQUIRE(seen == recording.expected);
      }
    }
  }
  CHECK(played > 0);
}

TEST_CASE("a large reply means the same when its bytes are cut twice anywhere", "[streams][exhaustive]") {
  std::size_t played = 0;
  const unsigned seed = any_seed();
  std::mt19937 random(seed);
  for (const Recording& recording : recordings()) {
    if (recording.bytes.size() <= kSmall) continue;
    ++played;
    std::uniform_int_distribution<std::size_t> anywhere(1, recording.bytes.size() - 1);
    for (int i = 0; i < kRandomCuts; ++i) {
      const auto [first, second] = std::minmax({anywhere(random), anywhere(random)});
      const std::string seen = play_cut_twice(recording, first, second);
      if (seen == recording.expected) continue;
      INFO(recording.name << " cut at " << first << " and " << second << ", TACHIKOMA_SEED=" << seed);
      REQUIRE(seen == recording.expected);
    }
  }
  CHECK(played > 0);
}

TEST_CASE("a reply means the same when it comes byte by byte", "[streams]") {
  for (const Recording& recording : recordings()) {
    Playback playback(0, offers_tools(recording.name));
    for (char byte : recording.bytes) playback.feed_copied({&byte, 1});
    INFO(recording.name);
    CHECK(playback.finish() == recording.expected);
  }
}

TEST_CASE("a reply means the same however its transport frames it", "[streams]") {
  std::size_t framed = 0;
  for (const Recording& recording : recordings()) {
    const Response response = take_apart(recording.bytes);
    if (response.head.empty()) continue;
    ++framed;
    INFO(recording.name);
    const auto check = [&](const std::string& bytes) {
      CHECK(play_whole(recording.name, with_room(bytes)) == recording.expected);
    };
    const std::string length = "Content-Length: " + std::to_string(response.body.size());
    check(response.head + length + "\r\n\r\n" + response.body);
    check(response.head + "Connection: close\r\n\r\n" + response.body);
    for (std::size_t size : {1, 7, 64, 1000000}) check(in_chunks(response, size));
  }
  CHECK(framed > 100);
}
