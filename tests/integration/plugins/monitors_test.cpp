// SPDX-License-Identifier: MIT
// The monitor plugins as they are used: named in a configuration, told of what the simulator answers.
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "integration/simulator/client.hpp"
#include "plugin_support.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/loopback_server.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"
#include "support/wait.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string with_monitors(const Simulator& simulator, const std::string& monitors) {
  return "providers: {studio: {plugin: lmstudio, base_url: \"" + simulator.base_url() +
         "\"}}\ndefaults: {model: mistral-7b}\nmonitors: {" + monitors + "}\n";
}

// The port in "info metrics: metrics are at http://127.0.0.1:40123/metrics".
int logged_port(const LogLines& log) {
  for (const std::string& line : log.lines())
    if (const std::size_t at = line.find("127.0.0.1:"); at != std::string::npos)
      return std::stoi(line.substr(at + 10));
  throw std::runtime_error("no port was logged");
}

// What a metric of that name says behind its labels, and all of these.
std::vector<std::string> samples(const std::string& page, const std::string& name) {
  std::vector<std::string> found;
  for (std::size_t at = 0, end; (end = page.find('\n', at)) != std::string::npos; at = end + 1)
    if (page.compare(at, name.size() + 1, name + "{") == 0) found.push_back(page.substr(at, end - at));
  return found;
}

}  // namespace

TEST_CASE("jsonl has a line for each answer of the command line, with tokens and content",
          "[monitor][jsonl]") {
  const Simulator simulator;
  const Shell shell(with_monitors(simulator, "log: {plugin: jsonl, file: log.jsonl, content: true}"));
  CHECK(shell.tachikoma({"ask", "Hello there"}).exit_code == 0);
  CHECK(shell.tachikoma({"ask", "-m", "no-such-model", "Hello"}).exit_code != 0);
  const std::vector<Value> lines = json_lines_of(read_file(shell.folder().path() / "log.jsonl"));
  REQUIRE(!lines.empty());
  CHECK(lines[0]["schema_version"] == Value(1));
  CHECK(lines[0]["kind"] == Value("finished"));
  CHECK(lines[0]["provider"] == Value("studio"));
  CHECK(lines[0]["model"] == Value("mistral-7b"));
  CHECK(lines[0]["finish"] == Value("stop"));
  CHECK(lines[0]["usage"]["completion_tokens"].as_integer() > 0);
  CHECK(lines[0]["elapsed_ms"].as_real() > 0);
  CHECK(lines[0].find("asked") != nullptr);
}

TEST_CASE("programs at the same time share the file of jsonl", "[monitor][jsonl]") {
  const Simulator simulator;
  const Shell shell(
      with_monitors(simulator, "log: {plugin: jsonl, file: log.jsonl, rotate_at: 1KB, keep: 1000}"));
  CHECK(shell.bash("for i in 1 2 3 4 5 6; do tachikoma ask Hello & done; wait").exit_code == 0);
  std::size_t lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shell.folder().path()))
    if (entry.path().filename().string().rfind("log.jsonl", 0) == 0)
      lines += json_lines_of(read_file(entry.path())).size();
  CHECK(lines == 6);
}

TEST_CASE("a setting that jsonl does not have is refused where it stands", "[monitor][jsonl]") {
  const Shell shell("providers: {echo: {}}\nmonitors:\n  jsonl: {file: x, rotate: 1MB}\n");
  const Finished checked = shell.tachikoma({"config", "check"});
  CHECK(checked.exit_code != 0);
  CHECK(checked.err.find("tachikoma.yaml:3:20: ") != std::string::npos);
  CHECK(checked.err.find("did you mean 'rotate_at'?") != std::string::npos);
}

TEST_CASE("prometheus shows what a runtime has generated, and what failed", "[monitor][prometheus]") {
  const Simulator simulator;
  const TempDir folder;
  LogLines log;
  Runtime runtime =
      Runtime::open(
          folder.write("tachikoma.yaml",
                       with_monitors(simulator, "metrics: {plugin: prometheus, listen: \"127.0.0.1:0\"}")),
          log.callback())
          .value();
  const int port = logged_port(log);
  CHECK(http(port, "GET", "/metrics").body.empty());
  CHECK(runtime.generate_text({.messages = {user("Hello")}}));
  CHECK(runtime.generate_text({.messages = {user("Hello")}}));
  CHECK_FALSE(runtime.generate_text({.messages = {user("Hello")}, .settings = {.mirostat = 1}}));
  HttpReply reply;
  wait_until(
      std::chrono::seconds(20),  // a monitor is told of each generation shortly after its end
      [&] { return (reply = http(port, "GET", "/metrics")).body.find("unsupported") != std::string::npos; },
      [&] { return reply.body; });
  CHECK(reply.headers.at("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  const std::string who =
      "{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"studio\",gen_ai_request_model=\"mistral-7b\"";
  CHECK(samples(reply.body, "tachikoma_requests_total") ==
        std::vector<std::string>{"tachikoma_requests_total" + who + ",tachikoma_outcome=\"stop\"} 2",
                                 "tachikoma_requests_total" + who + ",tachikoma_outcome=\"unsupported\"} 1"});
  CHECK(samples(reply.body, "gen_ai_client_inference_duration_seconds_count") ==
        std::vector<std::string>{
            "gen_ai_client_inference_duration_seconds_count" + who + "} 2",
            "gen_ai_client_inference_duration_seconds_count" + who + ",error_type=\"unsupported\"} 1"});
  CHECK(samples(reply.body, "gen_ai_client_inference_usage_output_tokens_total").size() == 1);
}

TEST_CASE("a port that is taken is an error of the configuration", "[monitor][prometheus]") {
  const LoopbackServer other([](Peer&, int) {});
  const Shell shell("providers: {echo: {}}\nmonitors: {prometheus: {listen: \"127.0.0.1:" +
                    std::to_string(other.port()) + "\"}}\n");
  const Finished asked = shell.tachikoma({"ask", "-m", "echo::echo-small", "Hello"});
  CHECK(asked.exit_code != 0);
  CHECK(asked.err.find("can't listen on 127.0.0.1:" + std::to_string(other.port()) +
                       ": another program, or another runtime of this one, listens there") !=
        std::string::npos);
}

TEST_CASE("otlp delivers what the command line has done before it ends", "[monitor][otlp]") {
  const Simulator simulator;
  const JsonServer receiver({{"/v1/traces", {"{}"}}, {"/v1/metrics", {"{}"}}});
  const Shell shell(with_monitors(simulator, "otlp: {endpoint: \"" + receiver.url() +
                                                 "\", service_name: shell, headers: {X-Key: secret}}"));
  const Finished asked = shell.tachikoma({"ask", "Hello"});
  CHECK(asked.exit_code == 0);
  CHECK(asked.err.empty());
  CHECK(receiver.paths() == std::vector<std::string>{"/v1/traces", "/v1/metrics"});
  const Value traces = parse_json(receiver.last_body("/v1/traces")).value();
  const Value& spans = traces["resourceSpans"].elements().at(0)["scopeSpans"].elements().at(0)["spans"];
  REQUIRE(spans.elements().size() == 1);
  CHECK(spans.elements()[0]["name"] == Value("chat mistral-7b"));
  CHECK(receiver.last_body("/v1/metrics").find("gen_ai.client.inference.usage.output_tokens") !=
        std::string::npos);
}

TEST_CASE("a receiver of otlp that does not answer, or is not there, costs no answer", "[monitor][otlp]") {
  const Simulator simulator;
  const LoopbackServer silent([](Peer& peer, int) {
    peer.read_request();
    peer.wait_for_close();
  });
  const std::string absent = "http://127.0.0.1:" + std::to_string(refused_port());
  for (const std::string& endpoint : {silent.url(), absent}) {
    const Shell shell(with_monitors(simulator, "otlp: {endpoint: \"" + endpoint + "\"}"));
    const Finished asked = shell.tachikoma({"ask", "Hello"});
    INFO(asked.err);
    CHECK(asked.exit_code == 0);
    CHECK_FALSE(asked.out.empty());
    CHECK(asked.err.find("could not be delivered yet") != std::string::npos);
  }
}
