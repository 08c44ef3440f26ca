// SPDX-License-Identifier: MIT
#include "support/simulator.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include "base/json.hpp"
#include "support/wait.hpp"

namespace tachikoma::testing {
namespace {

Command command(const TempDir& folder, const std::string& script, const std::vector<std::string>& options) {
  Command command{.argv = {program("lmstudio-sim"), "--port", "0", "--speed", "0", "--exit-with-stdin"}};
  if (!script.empty()) {
    command.argv.push_back("--script");
    command.argv.push_back(folder.write("script.yaml", script));
  }
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  return command;
}

std::string ask(int port, const char* method, const char* path, const std::string& body = {}) {
  Poco::Net::HTTPClientSession session("127.0.0.1", static_cast<Poco::UInt16>(port));
  Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPRequest::HTTP_1_1);
  request.setContentLength(static_cast<std::streamsize>(body.size()));
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  std::string reply;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), reply);
  if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK)
    throw std::runtime_error("the simulator refused " + std::string(path) + ": " + reply);
  return reply;
}

}  // namespace

Simulator::Simulator(const std::string& script, const std::vector<std::string>& options)
    : process_(command(folder_, script, options)) {
  const Value ready = base::parse_json(process_.read_line()).value();
  const Value& port = ready["port"].is_null() ? ready["sdk_port"] : ready["port"];
  port_ = static_cast<int>(port.as_integer());
  base_url_ = "http://127.0.0.1:" + std::to_string(port_);
}

Value Simulator::state() const { return base::parse_json(ask(port_, "GET", "/__sim/state")).value(); }

Value Simulator::wait_for(const std::function<bool(const Value&)>& done) const {
  Value seen;
  wait_until(
      std::chrono::seconds(20), [&] { return done(seen = state()); },
      [&] { return "the simulator did not reach the expected state: " + base::to_json(seen, 2); });
  return seen;
}

void Simulator::play(const std::string& script) const { ask(port_, "POST", "/__sim/script", script); }

void Simulator::pass_idle(const std::string& time) const {
  wait_for([](const Value& state) {
    return std::ranges::none_of(state["requests"].elements(), [](const Value& each) {
      return each["method"].as_string() == "POST" && each["outcome"].as_string() == "running";
    });
  });
  ask(port_, "POST", "/__sim/idle", R"({"for": ")" + time + "\"}");
}

void Simulator::reset() const { ask(port_, "POST", "/__sim/reset"); }

}  // namespace tachikoma::testing
