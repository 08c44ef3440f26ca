// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// A running `lmstudio-sim` on a free loopback port, without delays between tokens. It ends with the
/// object, and with the test program should that die first.
class Simulator {
 public:
  /// Starts it and waits until it listens. `script` is the text of a YAML script, empty for the default
  /// world; `options` are added to the command line, where a later `--speed` or `--port` wins.
  explicit Simulator(const std::string& script = {}, const std::vector<std::string>& options = {});

  /// With `--http-off`, that of `--sdk-port`.
  int port() const { return port_; }
  /// "http://127.0.0.1:40123", without a path.
  const std::string& base_url() const { return base_url_; }
  /// Its record so far, as `GET /__sim/state` reports it. A request's end is recorded shortly after the
  /// client has its reply: use `wait_for` if the end matters.
  Value state() const;
  /// Polls the state until `done` accepts it and returns that state; throws after 20 seconds.
  Value wait_for(const std::function<bool(const Value&)>& done) const;
  /// Replaces `replies` and `faults`: the text of a script that has only these.
  void play(const std::string& script) const;
  /// Waits until no request for an answer runs, then lets so long pass without use: "61m".
  void pass_idle(const std::string& time) const;
  /// Clears its record, and restores the initial models.
  void reset() const;
  Process& process() { return process_; }

 private:
  TempDir folder_;
  Process process_;
  int port_ = 0;
  std::string base_url_;
};

}  // namespace tachikoma::testing
