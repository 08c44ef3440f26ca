// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <vector>

#include "common/event_stream.hpp"
#include "protocol/playback.hpp"
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
      playback.feed_copied(std::string_view(bytes).substr(0, cut));
      playback.feed_copied(std::string_view(bytes).substr(cut));
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
    for (std::size_t i = 0; i < bytes.size(); ++i) playback.feed_copied(std::string_view(bytes).substr(i, 1));
    INFO(name);
    CHECK(playback.finish() == play_whole(bytes));
  }
}
