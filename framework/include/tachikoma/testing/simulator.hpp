// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tachikoma::testing {

/// A running `lmstudio-sim`, found in PATH, on a free port of 127.0.0.1 and without delays: a server for the
/// tests of a provider. It ends with the object, and with the test program should that die first.
class Simulator {
 public:
  /// Starts it, and waits until it listens. `script_file` is a YAML script (docs/simulator.md); empty: its
  /// default world. Throws `std::runtime_error` if it does not start.
  explicit Simulator(const std::string& script_file = {});
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  int port() const { return port_; }
  /// "http://127.0.0.1:40123", without a path.
  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  std::string first_line() const;
  void end() const;

  int pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int port_ = 0;
};

}  // namespace tachikoma::testing
