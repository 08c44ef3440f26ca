// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <stdexcept>
#include <thread>

namespace tachikoma::testing {

/// Asks `done` again and again until it is true; false when that takes longer than `limit`. For the state of
/// another program or of the system, which tell nobody when it changes; wait for an event where there is one.
template <class Done>
bool comes_true(std::chrono::milliseconds limit, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// The same; throws what `complaint` returns when it takes too long.
template <class Done, class Complaint>
void wait_until(std::chrono::milliseconds limit, Done done, Complaint complaint) {
  if (!comes_true(limit, done)) throw std::runtime_error(complaint());
}

}  // namespace tachikoma::testing
