// SPDX-License-Identifier: MIT
#pragma once

#include <future>
#include <memory>
#include <string>

#include "support/test_host.hpp"

namespace tachikoma::testing {

/// A look-up of a name that does not end before the test says so.
class StuckLookUp {
 public:
  using Names = TestHost::Names;

  Names::LookUp function() {
    return [state = state_](const std::string&, std::uint16_t) -> Result<Names::Addresses> {
      state->begun.set_value();
      state->go_on.get_future().wait();
      state->ended.set_value();
      return Names::Addresses{"no address"};
    };
  }
  void wait_until_begun() { state_->begun.get_future().wait(); }
  void end() {
    state_->go_on.set_value();
    state_->ended.get_future().wait();
  }

 private:
  struct State {
    std::promise<void> begun;
    std::promise<void> go_on;
    std::promise<void> ended;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace tachikoma::testing
