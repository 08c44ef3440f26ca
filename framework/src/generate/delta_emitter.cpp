// SPDX-License-Identifier: MIT
#include "generate/delta_emitter.hpp"

namespace tachikoma::generate {

Flow DeltaEmitter::emit(const Delta& delta) {
  if (!on_delta_) return Flow::proceed;
  if (delta.kind != Delta::Kind::progress) seen_ = true;
  try {
    if (on_delta_(delta) == Flow::proceed) return Flow::proceed;
  } catch (...) {  // it must not propagate through the plugin; the generation rethrows it
    thrown_ = std::current_exception();
  }
  cancellation_.request(CancelReason::consumer);
  return Flow::stop;
}

Flow DeltaEmitter::emit(const Delta& delta, CallClocks& clocks) {
  if (!wanted()) return Flow::proceed;
  const auto left = clocks.left();
  clocks.pause();
  const Flow flow = emit(delta);
  clocks.resume(left);
  return flow;
}

}  // namespace tachikoma::generate
