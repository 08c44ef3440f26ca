// SPDX-License-Identifier: MIT
#include "lmstudio/connection_findings.hpp"

#include <algorithm>
#include <string>

#include "common/errors/connection_finding.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr char kElsewhere[] =
    "set base_url to LM Studio's address, or use the plugin 'openai' for this server";

Finding error(std::string id, ErrorCode code, std::string title, std::string evidence, std::string fix) {
  return {std::move(id), Severity::error, code, std::move(title), std::move(evidence), std::move(fix)};
}

const Probe* first_found(const std::vector<Probe>& probes) {
  const auto found = std::find_if(probes.begin(), probes.end(), [](const Probe& p) { return p.found(); });
  return found == probes.end() ? nullptr : &*found;
}

std::string port_of(const Probe& probe) { return std::to_string(probe.client->url().port); }

std::string who(const Greeting& greeting) {
  return greeting.server.empty() ? "another program" : greeting.server;
}

// LM Studio is running, but its HTTP server is not where it should be.
std::vector<Finding> explain_server_off(const Search& search, const Probe& sdk) {
  std::vector<Finding> findings;
  const Probe& expected = search.http.front();
  if (expected.greeting)
    findings.push_back(error("port-taken", ErrorCode::unreachable,
                             "port " + port_of(expected) + " belongs to " + who(*expected.greeting),
                             expected.outcome(),
                             "stop it, or let LM Studio serve on another port: lms server start --port N"));
  else if (search.starts)
    return findings;  // the first call does that
  findings.push_back(error(
      "server-off", ErrorCode::unreachable, "LM Studio is running, but its HTTP server is off",
      "LM Studio answers at " + sdk.client->url_text() + "; tried " + outcomes_of(search.http),
      expected.greeting
          ? "start the server on a free port: lms server start --port N"
          : "start it with: lms server start --port " + port_of(expected) + ", or set start_server: true"));
  return findings;
}

Finding not_running(const Search& search) {
  const std::string tried = "tried " + outcomes_of(search.http) +
                            (search.sdk.empty() ? "" : ", and LM Studio's own ports, where nothing answers");
  if (!search.home.empty() && !search.home_exists)
    return error("lmstudio-not-installed", ErrorCode::unreachable,
                 "LM Studio is not installed on this machine, or was never started",
                 "there is no folder " + search.home + "; " + tried,
                 "install LM Studio from https://lmstudio.ai and start it");
  return error("lmstudio-not-running", ErrorCode::unreachable, "LM Studio is not running on this machine",
               tried, "start LM Studio, or: lms daemon up");
}

Finding unreached(const Search& search, const Probe& probe) {
  const Error& failure = probe.greeting.error();
  if (failure.detail["reason"].as_string() == "refused") {
    if (!search.over_ipv4.empty())
      return error("ipv4-only", ErrorCode::unreachable, "LM Studio answers over IPv4 only",
                   probe.outcome() + ", " + search.over_ipv4 + " answers",
                   "set base_url to " + search.over_ipv4);
    if (search.local) return not_running(search);
  }
  return kit::connection_finding(
      failure, probe.client->url(),
      {.start = "start LM Studio's server on that machine, with 'Serve on Local Network' switched on",
       .restart = "restart LM Studio; its server hangs, or it is another kind of server",
       .log = "LM Studio's log",
       .tls = "write base_url with http://, which LM Studio speaks, or name the proxy's certificate "
              "authority in tls.ca_file"});
}

}  // namespace

std::vector<Finding> explain_search(const Search& search) {
  if (const Probe* sdk = first_found(search.sdk)) return explain_server_off(search, *sdk);
  if (search.automatic) return {not_running(search)};
  const Probe& probe = search.http.front();
  if (!probe.greeting) return {unreached(search, probe)};
  return {error("not-lmstudio", ErrorCode::protocol,
                probe.client->url_text() + " is " + who(*probe.greeting) + ", not LM Studio", probe.outcome(),
                kElsewhere)};
}

}  // namespace tachikoma::lmstudio
