// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/workloads.hpp"

#include <tachikoma/plugin/value.hpp>

namespace tachikoma::bench {

/// The figures of every round, by workload and client.
class Results {
 public:
  struct Entry {
    std::int64_t units = 0;
    std::vector<Figures> rounds = {};
  };

  Entry& entry(const std::string& workload, Peer peer) { return entries_[workload][peer]; }
  /// Null if that client did not run it.
  const Entry* find(const std::string& workload, Peer peer) const;

 private:
  std::map<std::string, std::map<Peer, Entry>> entries_;
};

/// A row of the report with its numbers.
struct Line {
  std::string label;
  std::string unit;
  std::string base;  ///< whom the ratio is to
  std::map<Peer, double> medians = {};
  std::map<Peer, std::vector<double>> rounds = {};
  double ratio = 0;  ///< ours to that of `base`; for a growth, ours at the end to that at the start; 0: none
};

double median(std::vector<double> numbers);
std::vector<Line> lines_of(const Results& results);
/// {"rows": [{"label", "unit", "base", "ratio", "clients": {NAME: {"median", "least", "most"}}}]}
Value to_value(const std::vector<Line>& lines);
/// `old` as `to_value` made it, or null.
void print(const std::vector<Line>& lines, const Value& old, bool with_npm);

}  // namespace tachikoma::bench
