// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace tachikoma::bench {

/// A chat server that stops where it is told to, one connection after the other. What it does is the model
/// that is asked for: `silent` gets the request and answers nothing, `talking` sends a head and one delta and
/// no more, `calling` answers with a call of the tool `wait`, `loading` that it is not ready yet.
class StallingServer {
 public:
  /// `on_request` is called on the server's thread once a whole request of `silent` or `loading` has come.
  explicit StallingServer(std::function<void()> on_request);
  ~StallingServer();
  StallingServer(const StallingServer&) = delete;
  StallingServer& operator=(const StallingServer&) = delete;

  /// "http://127.0.0.1:PORT/v1"
  std::string base_url() const;

 private:
  void serve();
  void answer(int connection) const;

  std::function<void()> on_request_;
  int listener_ = -1;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

/// An address whose connections are never accepted nor refused: its queue is full.
class FullQueue {
 public:
  FullQueue();
  ~FullQueue();
  FullQueue(const FullQueue&) = delete;
  FullQueue& operator=(const FullQueue&) = delete;

  std::string base_url() const;

 private:
  int listener_ = -1;
  int first_ = -1;
};

}  // namespace tachikoma::bench
