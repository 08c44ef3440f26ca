// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <future>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#include <tachikoma/tachikoma.hpp>

namespace tachikoma::testing {

/// An answer, endless unless `tokens` are few, which begins and ends on other threads. Cancelled when this
/// goes; the runtime must outlive it.
class Running {
 public:
  Running() = default;
  ~Running() {
    stop_.request_stop();
    if (started_ && ended_.valid()) ended_.wait();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void start(Runtime& runtime, const std::string& model, int tokens = 30000) {
    started_ = true;
    runtime.stream_text_async(
        {.model = model,
         .messages = {user("Hello")},
         .settings = {.max_tokens = tokens},
         .stop = stop_.get_token()},
        [this](const Delta& delta) {
          if (!delta.text().empty()) begin();
          return Flow::proceed;
        },
        [this](Result<Reply> reply) {
          begin();
          last_.set_value(std::move(reply));
        });
  }
  void wait_until_begun() { begun_.get(); }
  void cancel() { stop_.request_stop(); }
  Result<Reply> end() {
    if (ended_.wait_for(std::chrono::minutes(2)) != std::future_status::ready)
      throw std::runtime_error("it neither answers nor fails");
    return ended_.get();
  }

 private:
  void begin() {
    if (!std::exchange(told_, true)) first_.set_value();
  }
  bool started_ = false;
  std::stop_source stop_;
  std::promise<void> first_;
  std::future<void> begun_ = first_.get_future();
  std::promise<Result<Reply>> last_;
  std::future<Result<Reply>> ended_ = last_.get_future();
  bool told_ = false;
};

}  // namespace tachikoma::testing
