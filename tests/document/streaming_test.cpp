// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A streamed answer of a reasoning model, by kinds.
struct Streamed {
  std::vector<Delta::Kind> kinds;
  std::vector<Channel> channels;  // of each channel_start
  std::vector<std::string> texts;
  Usage usage;
  Reply reply;
  std::string text() const {
    std::string all;
    for (const std::string& each : texts) all += each;
    return all;
  }
};

Streamed stream(Studio& studio, GenerationSettings settings = {}) {
  Streamed seen;
  TextStream deltas = studio.provider()
                          .stream_text({.model = "openai/gpt-oss-20b",
                                        .messages = {user("Explain quantum computing")},
                                        .settings = std::move(settings)})
                          .value();
  for (const Delta& delta : deltas) {
    seen.kinds.push_back(delta.kind);
    if (delta.kind == Delta::Kind::channel_start) seen.channels.push_back(delta.channel);
    if (delta.kind == Delta::Kind::text) seen.texts.emplace_back(delta.content);
    if (delta.kind == Delta::Kind::usage) seen.usage = delta.usage;
  }
  seen.reply = deltas.reply().value();
  return seen;
}

}  // namespace

TEST_CASE("a stream ends with its end, once", "[streaming]") {
  Studio studio;
  const Streamed seen = stream(studio);
  REQUIRE_FALSE(seen.kinds.empty());
  CHECK(std::ranges::count(seen.kinds, Delta::Kind::end) == 1);
  CHECK(seen.kinds.back() == Delta::Kind::end);
}

TEST_CASE("the text comes in pieces that make up the answer",
          "[streaming/text-delta][best-practices/streaming]") {
  Studio studio;
  const Streamed seen = stream(studio);
  CHECK(seen.texts.size() > 5);
  CHECK(seen.text() == seen.reply.text);
}

TEST_CASE("a channel says when it starts to speak", "[streaming/channel-start]") {
  Studio studio;
  CHECK(stream(studio).channels == std::vector<Channel>{Channel::thinking, Channel::final});
}

TEST_CASE("the usage comes with the stream", "[streaming/usage]") {
  Studio studio;
  const Streamed seen = stream(studio);
  REQUIRE(seen.usage.total_tokens());
  CHECK(*seen.usage.total_tokens() > static_cast<std::int64_t>(seen.texts.size()));
  CHECK(seen.usage == seen.reply.usage);
}

TEST_CASE("a streaming buffer delivers several deltas as one, and loses none", "[streaming/buffer-size]") {
  const char* script = "replies:\n  - chunks: [a, b, c, d, e, f, g, h, i, j, k, l]\n";
  Studio studio(script);
  const Streamed alone = stream(studio), buffered = stream(studio, {.streaming_buffer_size = 5});
  CHECK(alone.texts.size() == 12);
  CHECK(buffered.texts.size() < alone.texts.size());
  CHECK(buffered.text() == "abcdefghijkl");
}
