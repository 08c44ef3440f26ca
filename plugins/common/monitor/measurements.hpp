// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/monitor.hpp"

namespace tachikoma::kit {

/// What is measured: a histogram, or a counter if there are no bounds.
struct Instrument {
  std::string_view name;
  std::string_view unit;  ///< in UCUM: "s", "{token}"
  std::string_view description;
  std::span<const double> bounds = {};  ///< the inclusive upper bounds of all buckets but the last

  bool is_counter() const { return bounds.empty(); }
};

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

/// What was measured with the same attributes, since the beginning.
struct Series {
  Attributes attributes;
  double sum = 0;                           ///< of a counter: its value
  std::uint64_t count = 0;                  ///< measurements
  std::vector<std::uint64_t> buckets = {};  ///< one more than there are bounds
};

struct Metric {
  const Instrument* instrument = nullptr;
  std::vector<Series> series = {};
};

/// The metrics of the generations that a monitor was told of, cumulative. [thread-safe]
///
/// The names of models and tools come from outside, and each makes series of its own: long ones are
/// shortened, and after the first `max_names` pairs of a provider and a model, all others are counted as
/// "other"; likewise for tools.
class Measurements {
 public:
  explicit Measurements(std::size_t max_names);

  /// Counts an event; only the last one of a generation changes anything.
  void record(const MonitorEvent& event);
  /// How many events have changed something so far.
  std::uint64_t recorded() const;
  /// The metrics that have been measured so far, with UTF-8 in all attributes.
  std::vector<Metric> read() const;

 private:
  struct Subject {
    std::string provider, model;
  };

  Subject subject_of(const MonitorEvent& event);
  std::string tool_name(std::string_view name);
  void add(std::string_view instrument, const Attributes& attributes, double amount);
  void record_requests(const MonitorEvent& event, const Attributes& who);
  void record_times(const MonitorEvent& event, const Attributes& who);
  void record_tokens(const Usage& usage, const Attributes& who);
  void record_tools(const std::vector<ToolUse>& uses);

  const std::size_t max_names_;
  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t recorded_ = 0;
  std::vector<Metric> metrics_;
  std::set<std::pair<std::string, std::string>> subjects_;
  std::set<std::string, std::less<>> tools_;
};

}  // namespace tachikoma::kit
