// SPDX-License-Identifier: MIT
// The port that was chosen for a server is taken by another program before the server has it.
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "common/net/socket.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// Another program: it takes the ports of the first servers that are started, before they do.
class PortTaker {
 public:
  /// `then` is what the server's process does once the port is taken, or not.
  PortTaker(const LaunchedWorld& world, std::size_t times, const std::string& then)
      : ports_((world.folder.path() / "ports").string()), go_((world.folder.path() / "go").string()) {
    for (const std::string& fifo : {ports_, go_}) REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    server_ = world.script("taken",
                           "#!/bin/sh\ncase \"$*\" in *--alias*)\n"
                           "for word; do [ \"$before\" = --port ] && port=$word; before=$word; done\n"
                           "echo $port >" +
                               ports_ + "; read -r line <" + go_ + "\n" + then +
                               ";; esac\n"
                               "exec '{real}' \"$@\"\n");
    thread_ = std::thread([this, times] { take(times); });
  }
  ~PortTaker() {
    std::ofstream(ports_) << std::endl;
    thread_.join();
  }

  const std::string& server() const { return server_; }
  const std::vector<std::string>& taken() const { return taken_; }
  /// True when somebody connected to one of them.
  bool was_talked_to() const {
    for (const kit::Socket& listener : listeners_) {
      pollfd wanted{listener.fd(), POLLIN, 0};
      if (::poll(&wanted, 1, 0) != 0) return true;
    }
    return false;
  }

 private:
  void take(std::size_t times) {
    std::fstream ports(ports_), go(go_);  // for both directions: nobody waits for the other to open it
    for (std::string port; std::getline(ports, port) && !port.empty(); go << "go" << std::endl)
      if (taken_.size() < times) listen_at(port);
  }
  void listen_at(const std::string& port) {
    kit::Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    if (::listen(socket.fd(), 8) != 0) return;
    listeners_.push_back(std::move(socket));
    taken_.push_back(port);
  }

  const std::string ports_, go_;
  std::string server_;
  std::vector<kit::Socket> listeners_;
  std::vector<std::string> taken_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("A port that another program took is left to it, and another is tried", "[real][llamacpp][ports]") {
  const LaunchedWorld world({{"alpha"}});
  const PortTaker other(world, 2, "");
  Runtime runtime = world.open({.server = other.server()});
  const Result<LoadedModel> loaded = runtime.load_model("alpha");
  INFO((loaded ? "" : loaded.error().message));
  REQUIRE(loaded);
  CHECK(other.taken().size() == 2);
  CHECK(runtime.generate_text({.messages = {user("Hello")}}));
  CHECK_FALSE(other.was_talked_to());
}

TEST_CASE("When every port is taken, the error names the last", "[real][llamacpp][ports]") {
  const LaunchedWorld world({{"alpha"}});
  const PortTaker other(world, 100, "");
  const Error error = world.open({.server = other.server()}).load_model("alpha").error();
  CHECK(error.code == ErrorCode::overloaded);
  CHECK_THAT(error.message, StartsWith("'alpha' can't be loaded: another program took its port: "));
  REQUIRE_FALSE(other.taken().empty());
  CHECK_THAT(error.message, ContainsSubstring(other.taken().back()));
  CHECK(error.hint == "load it again");
  CHECK_FALSE(other.was_talked_to());
  CHECK(world.servers().empty());
}

TEST_CASE("Another program that answers at a server's port is never talked to", "[real][llamacpp][ports]") {
  const LaunchedWorld world({{"alpha"}});
  const PortTaker other(world, 1, "exec sleep 600");
  const Error error =
      world.open({.server = other.server(), .more = ", start_timeout: 10s"}).load_model("alpha").error();
  CHECK(error.code == ErrorCode::timeout);
  CHECK(error.message == "'alpha' was not loaded within 10000 ms");
  CHECK(other.taken().size() == 1);
  CHECK_FALSE(other.was_talked_to());
  CHECK(world.servers().empty());
}
