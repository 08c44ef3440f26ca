// SPDX-License-Identifier: MIT
// LM Studio is running, but its HTTP server is off: it is started when that is asked for.
#include <mutex>
#include <string>

#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/process.hpp"
#include "support/simulator.hpp"
#include "worlds/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A simulated LM Studio whose HTTP server is off.
class HeadlessStudio {
 public:
  HeadlessStudio()
      : process_({.argv = {program("lmstudio-sim"), "--port", "0", "--http-off", "--sdk-port", "0", "--speed",
                           "0", "--exit-with-stdin"}}),
        sdk_port_(parse_json(process_.read_line()).value()["sdk_port"].as_integer()) {}
  std::string sdk_port() const { return std::to_string(sdk_port_); }

 private:
  Process process_;
  std::int64_t sdk_port_;
};

// What a runtime logs.
class Log {
 public:
  LogCallback callback() {
    return [this](Severity severity, std::string_view who, std::string_view text) {
      const std::lock_guard lock(mutex_);
      lines_ += std::string(to_string(severity)) + " " + std::string(who) + ": " + std::string(text) + "\n";
    };
  }
  std::string lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::string lines_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("the server is started on the port that is configured, and answers", "[start-server]") {
  const HeadlessStudio studio;
  const Machine machine(true, "", studio.sdk_port());
  const std::string port = std::to_string(refused_port());
  Runtime runtime =
      open_world(machine.folder(), "auto", "    port: " + port + "\n    start_server: true\n    cors: true\n",
                 "defaults: {model: mistral-7b}\n");
  REQUIRE(runtime.generate_text({.messages = {user("Hello")}}));
  CHECK_THAT(runtime.provider("lmstudio").value().health().value().base_url, ContainsSubstring(":" + port));
}

TEST_CASE("the server is not started unless that is asked for", "[start-server]") {
  const HeadlessStudio studio;
  const Machine machine(true, "", studio.sdk_port());
  Runtime runtime = open_world(machine.folder(), "http://127.0.0.1:" + std::to_string(refused_port()), "",
                               "defaults: {model: mistral-7b}\n");
  const Result<Reply> reply = runtime.generate_text({.messages = {user("Hello")}});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::unreachable);
}

TEST_CASE("without an LM Studio there is nothing to start, and that is said", "[start-server]") {
  const Machine machine(true, "", std::to_string(refused_port()));
  Runtime runtime = open_world(machine.folder(), "http://127.0.0.1:" + std::to_string(refused_port()),
                               "    start_server: true\n", "defaults: {model: mistral-7b}\n");
  const Result<Reply> reply = runtime.generate_text({.messages = {user("Hello")}});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::unreachable);
  CHECK_THAT(reply.error().message, ContainsSubstring("not running on this machine"));
}

TEST_CASE("settings that a running server keeps are one warning", "[start-server]") {
  const Simulator simulator;
  const Machine machine;
  Log log;
  const std::string file = machine.folder().write(
      "tachikoma.yaml", "providers: {lmstudio: {base_url: '" + simulator.base_url() +
                            "', start_server: true, cors: true}}\ndefaults: {model: mistral-7b}\n");
  Runtime runtime = Runtime::open(file, log.callback()).value();
  REQUIRE(runtime.generate_text({.messages = {user("Hello")}}));
  REQUIRE(runtime.provider("lmstudio").value().health());
  CHECK(count(log.lines(), "cors can't be changed from here") == 1);
}

TEST_CASE("settings of a start that can't happen are refused", "[start-server]") {
  const TempDir folder;
  for (const char* settings :
       {"cors: true", "host: 0.0.0.0", "start_server: true, base_url: 'http://192.168.1.100:1234'",
        "port: 1235, base_url: 'http://127.0.0.1:1234'"}) {
    INFO(settings);
    const std::string file = folder.write(
        "tachikoma.yaml", "providers: {lmstudio: {plugin: lmstudio, " + std::string(settings) + "}}\n");
    const Result<Runtime> runtime = Runtime::open(file, [](Severity, std::string_view, std::string_view) {});
    REQUIRE_FALSE(runtime);
    CHECK(runtime.error().code == ErrorCode::config_invalid);
    CHECK_THAT(runtime.error().message, ContainsSubstring("no effect"));
  }
}
