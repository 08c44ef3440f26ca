// SPDX-License-Identifier: MIT
#include "plugins/common/chat/playback.hpp"

#include <algorithm>
#include <memory>

#include "common/net/tail_room.hpp"

namespace tachikoma::testing {

void Playback::feed(std::string_view piece) {
  if (!stopped_ && !parser_.ended() && parser_.failure().empty())
    stopped_ = kit::pump(parser_, reply_, piece) == Flow::stop;
}

void Playback::feed_copied(std::string_view piece, char filler) {
  const auto copy = std::make_unique<char[]>(piece.size() + kit::kTailRoom);
  char* const end = std::copy(piece.begin(), piece.end(), copy.get());
  std::fill_n(end, kit::kTailRoom, filler);
  feed({copy.get(), piece.size()});
}

std::string Playback::finish() {
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
  const Result<ChatOutcome> outcome = *reply_.finish(transport);
  return sink_.lines + describe(outcome);
}

}  // namespace tachikoma::testing
