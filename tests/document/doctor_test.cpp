// SPDX-License-Identifier: MIT
// What is missing on a machine, why a model is slow, and the server's settings that only its start can give.
#include <cstdlib>
#include <mutex>
#include <string>
#include <utility>

#include "document/studio.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A machine where LM Studio was never installed, for as long as it lives. Its own ports are these.
class BareMachine {
 public:
  explicit BareMachine(const std::string& sdk_ports = "")
      : home_(std::getenv("HOME") ? std::getenv("HOME") : "/") {
    ::setenv("HOME", folder_.path().c_str(), 1);
    ::setenv("TACHIKOMA_LMSTUDIO_PORTS", "9", 1);
    ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", sdk_ports.c_str(), 1);
  }
  ~BareMachine() {
    ::setenv("HOME", home_.c_str(), 1);
    ::unsetenv("TACHIKOMA_LMSTUDIO_PORTS");
    ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", "", 1);
  }

  const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
  std::string home_;
};

// What a runtime logs.
class Log {
 public:
  LogCallback callback() {
    return [this](Severity, std::string_view who, std::string_view text) {
      const std::lock_guard lock(mutex_);
      lines_ += std::string(who) + ": " + std::string(text) + "\n";
    };
  }
  bool has(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return lines_.find(text) != std::string::npos;
  }

 private:
  mutable std::mutex mutex_;
  std::string lines_;
};

Runtime open(const TempDir& folder, const std::string& config, LogCallback log) {
  return Runtime::open(folder.write("server.json", config), std::move(log)).value();
}

bool found(const Diagnosis& diagnosis, const std::string& id) {
  for (const Finding& finding : diagnosis.findings)
    if (finding.id == id) return true;
  return false;
}

// Few tokens, each of them late.
constexpr char kSlow[] = R"(replies:
  - {when: {contains: lighthouse}, chunks: [a, b, c, d, e, f], delay_per_token: 200ms}
)";

// Tokens that take their time, so that there is a speed to measure.
constexpr char kSteady[] = R"(replies:
  - {when: {contains: lighthouse}, chunks: [a, b, c, d, e, f], delay_per_token: 50ms}
)";

}  // namespace

TEST_CASE("doctor says that LM Studio is missing on a machine, and where to get it", "[installation]") {
  const BareMachine machine;
  Runtime runtime = Runtime::with({}, [](Severity, std::string_view, std::string_view) {}).value();
  const Diagnosis diagnosis = runtime.provider("lmstudio").value().diagnose().value();
  REQUIRE_FALSE(diagnosis.findings.empty());
  CHECK(diagnosis.findings[0].id == "lmstudio-not-installed");
  CHECK_THAT(diagnosis.findings[0].fix, ContainsSubstring("https://lmstudio.ai"));
  CHECK_FALSE(diagnosis.health);
}

TEST_CASE("a diagnosis has the model, its context, its speed, and a reason for every number that is missing",
          "[performance-issues][performance-issues/model][performance-issues/"
          "context-size][performance-issues/gpu-layers]"
          "[performance-issues/speed][performance-issues/memory]") {
  Studio studio(kSteady, {.model = "mistral-7b"});
  const Diagnosis diagnostics = studio.provider().diagnose().value();
  CHECK(diagnostics.model == "mistral-7b");
  CHECK(diagnostics.context_length.value == 4096);
  CHECK(diagnostics.tokens_per_second.source == Source::measured);
  CHECK(diagnostics.tokens_per_second.value > 0);
  CHECK((diagnostics.gpu_layers || !diagnostics.gpu_layers.basis.empty()));
  CHECK((diagnostics.total_layers || !diagnostics.total_layers.basis.empty()));
  CHECK((diagnostics.memory_bytes || !diagnostics.memory_bytes.basis.empty()));
  CHECK(diagnostics.findings.empty());
}

TEST_CASE("a slow model gets the suggestions for which there is evidence, and a fast one none",
          "[performance-issues/suggestions]") {
  Studio slow(kSlow, {.model = "qwen3-8b"});
  REQUIRE(slow.provider().load_model("qwen3-8b", {.gpu_layers = GpuLayers::none()}));
  const Diagnosis diagnostics = slow.provider().diagnose().value();
  REQUIRE(diagnostics.tokens_per_second);
  CHECK(diagnostics.tokens_per_second.value < 10);
  CHECK(found(diagnostics, "enable-gpu"));
  CHECK_FALSE(found(diagnostics, "smaller-quantization"));

  Studio fast({}, {.model = "qwen3-8b"});
  REQUIRE(fast.provider().load_model("qwen3-8b", {.gpu_layers = GpuLayers::none()}));
  CHECK_FALSE(found(fast.provider().diagnose().value(), "enable-gpu"));
}

TEST_CASE("cors reaches a server that is started, and is a warning for one that runs",
          "[server-settings/cors]") {
  Process studio({.argv = {program("lmstudio-sim"), "--port", "0", "--http-off", "--sdk-port", "0", "--speed",
                           "0", "--exit-with-stdin"}});
  const Value ready = parse_json(studio.read_line()).value();
  const BareMachine machine(std::to_string(ready["sdk_port"].as_integer()));
  const std::string port = std::to_string(refused_port());
  Log log;
  const auto quiet = [](Severity, std::string_view, std::string_view) {};
  Runtime runtime =
      open(machine.folder(), R"({"host": "localhost", "port": )" + port + R"(, "cors": true})", quiet);
  const Health health = runtime.provider("lmstudio").value().health().value();
  CHECK_THAT(health.base_url, ContainsSubstring(":" + port));
  Runtime second = open(machine.folder(), R"({"host": "localhost", "port": )" + port + R"(, "cors": true})",
                        log.callback());
  REQUIRE(second.provider("lmstudio").value().health());
  CHECK(log.has("cors can't be changed from here"));
}

TEST_CASE("verbose forwards the server's log", "[server-settings/verbose]") {
  const Simulator simulator;
  const TempDir folder;
  Log log;
  Runtime runtime = open(folder,
                         R"({"host": "127.0.0.1", "port": )" + std::to_string(simulator.port()) +
                             R"(, "verbose": true, "models": {"mistral-7b": {}}})",
                         log.callback());
  REQUIRE(runtime.provider("lmstudio").value().health());  // the first call is when the log is followed
  simulator.wait_for([](const Value& state) {
    for (const Value& request : state["requests"].elements())
      if (request["path"].as_string() == "/diagnostics/streamLogs") return true;
    return false;
  });
  REQUIRE(runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  CHECK(comes_true(std::chrono::seconds(20), [&] { return log.has("lmstudio server: "); }));
}
