// SPDX-License-Identifier: MIT
#include "real/machines.hpp"

#include <chrono>
#include <csignal>
#include <sstream>
#include <unistd.h>

#include "real/http.hpp"
#include "support/loopback_server.hpp"
#include "support/wait.hpp"

namespace tachikoma::testing {
namespace {

constexpr char kNetwork[] = "10.213.7.";

// A line of words; false if there is no such program, or if it fails.
bool succeeds(const std::string& line) {
  Command command;
  std::istringstream words(line);
  for (std::string word; words >> word;) command.argv.push_back(word);
  return run(command).exit_code == 0;
}

}  // namespace

Machines::Machines(int count) : id_("tk" + std::to_string(::getpid())), count_(count) {
  apart_ = succeeds("ip link add " + id_ + " type bridge") &&
           succeeds("ip addr add " + (kNetwork + std::string("1/24 dev ")) + id_) &&
           succeeds("ip link set " + id_ + " up");
  for (int machine = 0; apart_ && machine < count_; ++machine) apart_ = separate(machine);
}

bool Machines::separate(int machine) {
  const std::string name = namespace_of(machine);
  const std::string inside = "ip -n " + name + " ";
  return succeeds("ip netns add " + name) &&
         succeeds("ip link add " + name + " type veth peer name eth0 netns " + name) &&
         succeeds("ip link set " + name + " master " + id_ + " up") &&
         succeeds(inside + "addr add " + kNetwork + std::to_string(machine + 2) + "/24 dev eth0") &&
         succeeds(inside + "link set eth0 up") && succeeds(inside + "link set lo up");
}

Machines::~Machines() {
  relays_.clear();
  for (int machine = 0; machine < count_; ++machine) succeeds("ip netns del " + namespace_of(machine));
  succeeds("ip link del " + id_);
}

std::vector<std::string> Machines::addresses() const {
  std::vector<std::string> all{"127.0.0.1"};
  if (apart_) all.push_back(kNetwork + std::string("1"));
  return all;
}

void Machines::offer(int port) {
  port_ = port;
  for (int machine = 0; !apart_ && machine < count_; ++machine) {
    const int relay = relay_ports_.emplace_back(refused_port());
    const std::string file = folder_.write(
        "relay" + std::to_string(machine) + ".cfg",
        "defaults\n  mode tcp\n  timeout connect 3s\n  timeout client 1h\n  timeout server 1h\nlisten relay\n"
        "  bind 127.0.0.1:" +
            std::to_string(relay) + "\n  server here 127.0.0.1:" + std::to_string(port) + "\n");
    relays_.push_back(std::make_unique<Process>(Command{.argv = {"/usr/sbin/haproxy", "-db", "-f", file}}));
    wait_until(
        std::chrono::seconds(20), [&] { return bool(Socket::connect(relay)); },
        [] { return "HAProxy did not start"; });
  }
}

std::string Machines::address_for(int machine) const {
  if (apart_) return kNetwork + ("1:" + std::to_string(port_));
  return "127.0.0.1:" + std::to_string(relay_ports_[static_cast<std::size_t>(machine)]);
}

Command Machines::on(int machine, Command command) const {
  if (apart_) command.argv.insert(command.argv.begin(), {"ip", "netns", "exec", namespace_of(machine)});
  return command;
}

void Machines::cut(int machine) {
  if (apart_)
    succeeds("ip link set " + namespace_of(machine) + " down");
  else
    relays_[static_cast<std::size_t>(machine)]->signal(SIGSTOP);
}

void Machines::mend(int machine) {
  if (apart_)
    succeeds("ip link set " + namespace_of(machine) + " up");
  else
    relays_[static_cast<std::size_t>(machine)]->signal(SIGCONT);
}

}  // namespace tachikoma::testing
