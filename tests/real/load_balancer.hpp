// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// A real HAProxy on a loopback port of its own, with `packaging/haproxy.cfg`. It ends with the object.
class LoadBalancer {
 public:
  /// False, with a warning, where there is none.
  static bool is_installed();

  /// `hosts` has the real address of each one in the file: {"10.0.0.11:8080", "127.0.0.1:40123"}.
  explicit LoadBalancer(const std::map<std::string, std::string>& hosts);

  int port() const { return port_; }
  std::string log() const;

 private:
  std::string write_configuration(const std::map<std::string, std::string>& hosts) const;

  TempDir folder_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace tachikoma::testing
