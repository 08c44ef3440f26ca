// SPDX-License-Identifier: MIT
// A body that began with a blank was read as a stream from its first byte when it came in one piece, and from
// the byte after the blank when the blank came alone: `" data: …"` was no event, or was one.
#include "plugins/common/chat/playback.hpp"
#include "support/catch.hpp"

using namespace tachikoma::testing;

TEST_CASE("blanks before a stream mean nothing, in whichever piece they come", "[streams]") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
  const std::string event =
      "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
  const auto play = [](std::initializer_list<std::string> pieces) {
    Playback playback;
    for (const std::string& piece : pieces) playback.feed_copied(piece);
    return playback.finish();
  };
  const std::string expected = play({head + event});
  CHECK(expected.starts_with("final: \"a\"\n"));
  for (const std::string blank : {" ", "\r\n", "\n \t"}) {
    CHECK(play({head + blank + event}) == expected);
    CHECK(play({head, blank, event}) == expected);
  }
}
