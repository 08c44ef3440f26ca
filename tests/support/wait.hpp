// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <stdexcept>
#include <thread>

namespace tachikoma::testing {

/// Polls `done` until it is true; false if that takes longer than `limit`. For the state of
/// another program or of the system, which give no notification; wait for an event if there is one.
template <class Done>
bool comes_true(std::chrono::milliseconds limit, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// The same; throws the result of `complaint` on timeout.
template <class Done, class Complaint>
void wait_until(std::chrono::milliseconds limit, Done done, Complaint complaint) {
  if (!comes_true(limit, done)) throw std::runtime_error(complaint());
}

}  // namespace tachikoma::testing
