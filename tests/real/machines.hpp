// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// Hosts of a small network, which this one belongs to, and whose cables can be cut: network namespaces.
/// Where this user can't make any, they are processes of this host that reach a service here through a relay
/// each, which can be stopped.
class Machines {
 public:
  explicit Machines(int count);
  ~Machines();

  bool are_apart() const { return apart_; }
  /// The addresses of this host that a service must listen on, for all of them to reach it.
  std::vector<std::string> addresses() const;
  /// Lets them reach the service at that port of this host. Once.
  void offer(int port);
  /// Where the machine of that number finds it: "10.213.7.1:6379".
  std::string address_for(int machine) const;
  /// The command, on that machine.
  Command on(int machine, Command command) const;
  /// Nothing reaches it, nor it anybody, until `mend`.
  void cut(int machine);
  void mend(int machine);

 private:
  std::string namespace_of(int machine) const { return id_ + "-" + std::to_string(machine); }
  bool separate(int machine);

  const std::string id_;
  const int count_;
  bool apart_ = false;
  int port_ = 0;
  TempDir folder_;
  std::vector<int> relay_ports_;
  std::vector<std::unique_ptr<Process>> relays_;
};

}  // namespace tachikoma::testing
