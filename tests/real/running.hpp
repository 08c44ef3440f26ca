// SPDX-License-Identifier: MIT
#pragma once

#include <future>
#include <string>
#include <utility>

#include <tachikoma/tachikoma.hpp>

namespace tachikoma::testing {

/// An endless answer, which begins and ends on other threads.
class Running {
 public:
  void start(Runtime& runtime, const std::string& model, int tokens = 30000) {
    runtime.stream_text_async(
        {.model = model, .messages = {user("Hello")}, .settings = {.max_tokens = tokens}},
        [this](const Delta&) {
          begin();
          return Flow::proceed;
        },
        [this](Result<Reply> reply) {
          begin();
          last_.set_value(std::move(reply));
        });
  }
  void wait_until_begun() { begun_.get(); }
  Result<Reply> end() { return ended_.get(); }

 private:
  void begin() {
    if (!std::exchange(told_, true)) first_.set_value();
  }
  std::promise<void> first_;
  std::future<void> begun_ = first_.get_future();
  std::promise<Result<Reply>> last_;
  std::future<Result<Reply>> ended_ = last_.get_future();
  bool told_ = false;
};

}  // namespace tachikoma::testing
