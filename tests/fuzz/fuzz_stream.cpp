// SPDX-License-Identifier: MIT
// A server's bytes, from the head of its reply to the outcome of the chat. The first byte of an input chooses
// how large the pieces may be and when the receiver stops, the second how the pieces fall and whether the
// request offered tools; the rest is what arrives.
#include <algorithm>
#include <cstdint>
#include <random>

#include "fuzz/expect.hpp"
#include "plugins/common/chat/playback.hpp"

using namespace tachikoma::testing;

namespace {

constexpr std::size_t kChoices = 2;

struct Cuts {
  std::size_t largest_piece;
  std::uint32_t seed;
};

struct Receiver {
  std::size_t stop_after;
  bool tools_offered;
};

std::string play_whole(std::string_view bytes, const Receiver& receiver) {
  Playback playback(receiver.stop_after, receiver.tools_offered);
  playback.feed_copied(bytes);
  return playback.finish();
}

// The room behind each piece is full of what would go on with the text.
std::string play_cut(std::string_view bytes, const Receiver& receiver, const Cuts& cuts) {
  Playback playback(receiver.stop_after, receiver.tools_offered);
  std::minstd_rand random(cuts.seed);
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), random() % cuts.largest_piece + 1);
    playback.feed_copied(bytes.substr(0, size), '"');
    bytes.remove_prefix(size);
  }
  return playback.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kChoices) return 0;
  const Cuts cuts = {.largest_piece = std::size_t{1} << (data[0] & 7), .seed = data[1]};
  const Receiver receiver = {.stop_after = data[0] < 128 ? std::size_t{0} : data[0] >> 3 & 15u,
                             .tools_offered = (data[1] & 1) != 0};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + kChoices, size - kChoices);
  expect_same(play_whole(bytes, receiver), play_cut(bytes, receiver, cuts),
              "a reply means the same wherever its bytes are cut");
  return 0;
}
