// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <stdexcept>
#include <thread>

namespace tachikoma::testing {

/// Asks `done` again and again until it is true; throws what `complaint` returns when that takes longer than
/// `limit`. For another program's state, which tells nobody when it changes; wait for an event where there is
/// one.
template <class Done, class Complaint>
void wait_until(std::chrono::milliseconds limit, Done done, Complaint complaint) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(complaint());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace tachikoma::testing
