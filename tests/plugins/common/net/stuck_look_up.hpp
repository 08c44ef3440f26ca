// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "support/test_host.hpp"

namespace tachikoma::testing {

/// A look-up of a name that does not end before the test says so.
class StuckLookUp {
 public:
  using Names = TestHost::Names;

  Names::LookUp function() {
    return [state = state_](const std::string&, std::uint16_t) -> Result<Names::Addresses> {
      state->enter(Stage::begun);
      state->wait_until([](Stage stage) { return stage != Stage::begun; });
      state->enter(Stage::over);
      return Names::Addresses{"no address"};
    };
  }
  void wait_until_begun() {
    state_->wait_until([](Stage stage) { return stage != Stage::none; });
  }
  /// Lets it end, and waits until it has: one that was given up before it began never does.
  void end() {
    if (state_->enter(Stage::ending) == Stage::begun)
      state_->wait_until([](Stage stage) { return stage == Stage::over; });
  }

 private:
  enum class Stage { none, begun, ending, over };
  class State {
   public:
    // Stages are only entered in their order. Returns the one before.
    Stage enter(Stage next) {
      const std::lock_guard lock(mutex_);
      const Stage before = stage_;
      if (next > stage_) stage_ = next;
      changed_.notify_all();
      return before;
    }
    template <class Reached>
    void wait_until(Reached reached) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return reached(stage_); });
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    Stage stage_ = Stage::none;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace tachikoma::testing
