// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/child.hpp"

namespace tachikoma::bench {

enum class Peer { tachikoma, curl, raw, npm };
inline constexpr Peer kPeers[] = {Peer::tachikoma, Peer::curl, Peer::raw, Peer::npm};
/// As in the report: "tachikoma", "libcurl + simdjson", "raw sockets", "openai (npm)".
const char* name_of(Peer peer);

/// One row of the report: how one figure of a run is read.
struct Row {
  std::string label;
  std::string unit;
  double (*read)(const Figures& figures, std::int64_t units);
  Peer base = Peer::curl;  ///< whom the ratio is to
};

/// What every client does in a process of its own.
struct Workload {
  std::string name;      ///< for --only
  std::string program;   ///< the client's name for it
  std::string scenario;  ///< of the server
  std::int64_t units;
  std::int64_t size = 0;
  std::int64_t npm_units = 0;  ///< slow clients do less; 0: not with this one
  bool curl = true;            ///< libcurl's client can do it
  bool raw = true;             ///< the raw client can do it
  bool counts_allocations = false;
  std::int64_t repeats = 1;  ///< processes in a round; the median counts
  std::string config = {};   ///< how our client's configuration is made (see configs.hpp); empty: none
  std::vector<Row> rows = {};

  /// How many streams share the units.
  std::int64_t width() const { return program == "streams" || program == "paced-streams" ? size : 1; }
};

/// How a figure grows from one workload to another.
struct Growth {
  std::string label;
  std::string first, last;  ///< names of workloads
  std::string unit;
  double (*read)(const Figures& figures, std::int64_t units);
};

const std::vector<Workload>& workloads();
const std::vector<Growth>& growths();

/// What a client must have received.
Tally expected(const Workload& workload, std::int64_t units);

}  // namespace tachikoma::bench
