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

/// One figure of one client.
struct Cell {
  double median = 0;
  double least = 0;
  double most = 0;
};

/// A row of the report with its numbers.
struct Line {
  std::string label;
  std::string unit;
  std::string base;  ///< whom the ratio is to
  std::map<Peer, Cell> cells = {};
  double ratio = 0;  ///< ours to that of `base`; 0: there is none
};

/// A growth with its numbers.
struct GrowthLine {
  std::string label;
  std::string unit;
  struct Step {
    double first = 0, last = 0;
    double ratio() const { return first > 0 ? last / first : 0; }
  };
  std::map<Peer, Step> steps = {};
};

struct Report {
  std::vector<Line> lines;
  std::vector<GrowthLine> growths;
};

Report report_of(const Results& results);
/// {"rows": [{"label", "unit", "base", "ratio", "clients": {NAME: {"median", "least", "most"}}}],
///  "growths": [{"label", "unit", "ratio", "clients": {NAME: {"first", "last", "ratio"}}}]}
Value to_value(const Report& report);
/// As tables. `old` is a report as `to_value` made it, or null.
void print(const Report& report, const Value& old, bool with_npm);

}  // namespace tachikoma::bench
