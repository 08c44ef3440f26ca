// SPDX-License-Identifier: MIT
#include "real/load_balancer.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "real/http.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/wait.hpp"

namespace tachikoma::testing {
namespace {

constexpr char kProgram[] = "/usr/sbin/haproxy";

// As docs/scale.md has it.
constexpr char kCheck[] = "#!/bin/sh\nexec tachikoma --config /etc/haproxy/host.yaml status\n";
constexpr char kHost[] =
    "providers: {host: {plugin: lmstudio, base_url: "
    "'http://${HAPROXY_SERVER_ADDR}:${HAPROXY_SERVER_PORT}'}}\n";

}  // namespace

bool LoadBalancer::is_installed() {
  if (std::filesystem::exists(kProgram)) return true;
  WARN("SKIPPED: HAProxy is not installed (tools/setup --tests)");
  return false;
}

LoadBalancer::LoadBalancer(const std::map<std::string, std::string>& hosts)
    : port_(refused_port()) {  // it can't be given 0
  const std::string file = write_configuration(hosts);
  process_ = std::make_unique<Process>(
      Command{.argv = {"sh", "-c", "exec \"$0\" -db -f \"$1\" >\"$1.log\" 2>&1", kProgram, file}});
  wait_until(
      std::chrono::seconds(20), [&] { return bool(Socket::connect(port_)); },
      [&] { return "HAProxy did not start: " + log(); });
}

std::string LoadBalancer::log() const { return read_file((folder_.path() / "haproxy.cfg.log").string()); }

std::string LoadBalancer::write_configuration(const std::map<std::string, std::string>& hosts) const {
  const std::string folder = folder_.path().string();
  folder_.write("host.yaml", kHost);
  const std::string check = folder_.write("check-host", replace_all(kCheck, "/etc/haproxy", folder));
  std::filesystem::permissions(check, std::filesystem::perms::owner_all);
  std::string text = read_file(TACHIKOMA_SOURCE_DIR "/packaging/haproxy.cfg");
  text = replace_all(text, "127.0.0.1:8000", "127.0.0.1:" + std::to_string(port_));
  text = replace_all(text, "/etc/haproxy", folder);
  text = replace_all(text, "/usr/local/bin", TACHIKOMA_BINARY_DIR "/bin");
  for (const auto& [written, real] : hosts) {
    if (text.find(written) == std::string::npos)
      throw std::runtime_error("packaging/haproxy.cfg has no " + written);
    text = replace_all(text, written, real);
  }
  return folder_.write("haproxy.cfg", text);
}

}  // namespace tachikoma::testing
