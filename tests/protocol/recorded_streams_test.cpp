// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "common/chat_reply.hpp"
#include "common/event_stream.hpp"
#include "common/http_response.hpp"
#include "protocol/recording_sink.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kFolder = TACHIKOMA_SOURCE_DIR "/tests/fixtures/streams";
#ifdef TACHIKOMA_SANITIZED
constexpr std::size_t kSecondCutStep = 23;  // sanitizers are slow; every pair is tried in the other builds
#else
constexpr std::size_t kSecondCutStep = 1;
#endif

std::vector<std::string> recordings() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) names.push_back(file.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

// Plays one response to the core as a driver does, and tells what came out.
class Playback {
 public:
  Playback() : reply_(sink_, facts_) {}

  // The piece has room behind it.
  void feed(std::string_view piece) {
    if (!stopped_ && !parser_.ended() && parser_.failure().empty())
      stopped_ = kit::pump(parser_, reply_, piece) == Flow::stop;
  }

  std::string finish() {
    if (!stopped_) {
      parser_.finish();
      stopped_ = kit::pump(parser_, reply_, {}) == Flow::stop;
    }
    Status transport = Done{};
    if (!parser_.failure().empty()) {
      transport = Error(ErrorCode::protocol, parser_.failure());
    } else if (!stopped_ && !parser_.ended()) {
      transport = Error(ErrorCode::unreachable, "the connection was closed in mid-reply");
    }
    const Result<ChatOutcome> outcome = reply_.finish(transport);
    return sink_.lines + describe(outcome);
  }

 private:
  RecordingSink sink_;
  kit::RequestFacts facts_{.base_url = "http://host:1", .model = "m"};
  kit::HttpResponseParser parser_;
  kit::ChatReply reply_;
  bool stopped_ = false;
};

// Each piece in memory of its own, so that a sanitizer sees a read beyond the promised room.
void feed_copied(Playback& playback, std::string_view piece) {
  const auto copy = std::make_unique<char[]>(piece.size() + kit::kTailRoom);
  std::memcpy(copy.get(), piece.data(), piece.size());
  playback.feed({copy.get(), piece.size()});
}

std::string with_room(std::string text) {
  text.reserve(text.size() + kit::kTailRoom);
  return text;
}

std::string play_whole(std::string_view bytes) {
  Playback playback;
  playback.feed(bytes);
  return playback.finish();
}

}  // namespace

TEST_CASE("recorded replies of servers become the expected events", "[streams]") {
  for (const std::string& name : recordings()) {
    INFO(name);
    check_golden("streams/" + name + ".txt", play_whole(with_room(read_file(kFolder + "/" + name + ".txt"))));
  }
}

TEST_CASE("a reply means the same wherever its bytes are cut once", "[streams]") {
  for (const std::string& name : recordings()) {
    const std::string bytes = with_room(read_file(kFolder + "/" + name + ".txt"));
    const std::string expected = play_whole(bytes);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      Playback playback;
      feed_copied(playback, std::string_view(bytes).substr(0, cut));
      feed_copied(playback, std::string_view(bytes).substr(cut));
      if (const std::string seen = playback.finish(); seen != expected) {
        INFO(name << " cut at " << cut);
        CHECK(seen == expected);
      }
    }
  }
}

TEST_CASE("a small reply means the same wherever its bytes are cut twice", "[streams][exhaustive]") {
  constexpr std::size_t kSmall = 2048;
  std::size_t played = 0;
  for (const std::string& name : recordings()) {
    const std::string bytes = with_room(read_file(kFolder + "/" + name + ".txt"));
    if (bytes.size() > kSmall) continue;
    ++played;
    const std::string expected = play_whole(bytes);
    const std::string_view all = bytes;
    for (std::size_t first = 1; first < bytes.size(); ++first) {
      for (std::size_t second = first + 1; second < bytes.size(); second += kSecondCutStep) {
        Playback playback;
        playback.feed(all.substr(0, first));
        playback.feed(all.substr(first, second - first));
        playback.feed(all.substr(second));
        if (const std::string seen = playback.finish(); seen != expected) {
          INFO(name << " cut at " << first << " and " << second);
          REQUIRE(seen == expected);
        }
      }
    }
  }
  CHECK(played > 0);
}

TEST_CASE("a reply means the same when it comes byte by byte", "[streams]") {
  for (const std::string& name : recordings()) {
    const std::string bytes = with_room(read_file(kFolder + "/" + name + ".txt"));
    Playback playback;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      feed_copied(playback, std::string_view(bytes).substr(i, 1));
    INFO(name);
    CHECK(playback.finish() == play_whole(bytes));
  }
}
