// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "common/monitor/measurements.hpp"
#include "common/net/local_cancellation.hpp"
#include "otlp/otlp_json.hpp"
#include "otlp/receiver.hpp"

namespace tachikoma::otlp {

/// Sends spans, and what was measured, on a thread of its own: at each interval, when many spans wait, and
/// when it is flushed. What can't be delivered waits in a bounded buffer. Ends soon, whatever the receiver
/// does. [thread-safe]
class Exporter {
 public:
  struct Options {
    std::chrono::milliseconds interval{5000};
    std::size_t buffer = 2048;  ///< spans
    bool metrics = true;
    std::string service = "tachikoma";
    std::string instance = {};  ///< unique among all programs
  };

  /// `measured` and `host` must outlive it.
  Exporter(Options options, std::unique_ptr<Receiver> receiver, const kit::Measurements& measured,
           Host& host);
  ~Exporter();

  /// Takes a span as JSON; it is lost if the buffer is full. Never waits for the receiver.
  void add(std::string span);
  /// Has everything sent now, and waits for that, but not longer than `limit`, and no second time for the
  /// same answer. Fails if spans wait of which no flush has said it, or if some were lost since the last one.
  Status flush(std::chrono::milliseconds limit);

 private:
  using Clock = std::chrono::steady_clock;

  enum class Progress : std::uint8_t {
    done,
    lossy,  ///< not all was taken
    stuck,  ///< the rest must wait
  };

  void run();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  bool send_all(bool flushing);
  Progress send_spans();
  bool send_metrics();
  std::string next_batch(std::size_t& count);
  bool conclude(const Delivery& delivery, std::size_t count);
  void report_recovery();

  const Options options_;
  const Envelope traces_, metrics_;
  const std::chrono::system_clock::time_point start_ = std::chrono::system_clock::now();
  const kit::Measurements& measured_;
  Host& host_;
  kit::LocalCancellation cancellation_;

  // of the thread alone
  const std::unique_ptr<Receiver> receiver_;
  int failures_ = 0;                       // in a row
  std::optional<Delivery::Kind> trouble_;  // that was reported
  std::minstd_rand numbers_{std::random_device{}()};
  std::uint64_t delivered_ = 0;  // events in the metrics that were delivered last

  std::mutex mutex_;  // guards what follows; not held while something is sent
  std::condition_variable changed_;
  std::deque<std::string> spans_;  // the thread removes the first ones, nobody else removes any
  std::uint64_t lost_ = 0;         // since the last recovery
  std::uint64_t unreported_ = 0;   // lost since the last flush
  std::size_t said_waiting_ = 0;   // spans, by the last flush
  std::uint64_t flushes_ = 0, flushed_ = 0;
  Clock::time_point next_;             // when something is sent
  Clock::time_point not_before_ = {};  // not even when many spans wait
  bool overdue_ = false;               // a flush has not waited to the end of what is being sent
  bool ending_ = false;

  std::thread thread_;  // last: it uses the others
};

}  // namespace tachikoma::otlp
