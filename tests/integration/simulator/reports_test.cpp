// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "integration/simulator/sdk_connection.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// A connection that follows the log from now on.
std::int64_t follow(SdkConnection& connection, const Simulator& simulator) {
  const std::int64_t channel = connection.open("streamLogs");
  simulator.wait_for([](const Value& state) {
    for (const Value& each : state["requests"].elements())
      if (each["path"].as_string() == "/diagnostics/streamLogs" && !each["notes"].elements().empty())
        return true;
    return false;
  });
  return channel;
}

std::vector<Value> read_logs(SdkConnection& connection, std::size_t count) {
  std::vector<Value> logs;
  while (logs.size() < count) logs.push_back(connection.next()["log"]["data"]);
  return logs;
}

Value download_of(const std::string& key) { return Value::object({{"downloadIdentifier", key}}); }

}  // namespace

TEST_CASE("The log has what a model is asked and what it answers, whichever surface asked") {
  const Simulator simulator;
  SdkConnection connection(simulator.port(), "diagnostics");
  const std::int64_t channel = follow(connection, simulator);
  simulator.play("replies: [{text: 'Fine, thanks.'}]");
  // An output is logged after its answer was sent: the next request waits for it.
  const auto check_logs = [&] {
    const std::vector<Value> logs = read_logs(connection, 2);
    CHECK(logs[0]["type"].as_string() == "llm.prediction.input");
    CHECK(logs[0]["input"].as_string() == "<|user|>How are you?\n<|assistant|>");
    CHECK(logs[0]["modelIdentifier"].as_string() == kMistral);
    CHECK_THAT(std::string(logs[0]["modelPath"].as_string()), ContainsSubstring("mistral-7b"));
    CHECK(logs[1]["type"].as_string() == "llm.prediction.output");
    CHECK(logs[1]["output"].as_string() == "Fine, thanks.");
  };
  chat(simulator.port(), kMistral, "How are you?");
  check_logs();
  chat(simulator.port(), kMistral, "How are you?", R"(,"stream":true)");
  check_logs();
  http(simulator.port(), "POST", "/api/v1/chat", R"({"model":"mistral-7b","input":"How are you?"})");
  check_logs();
  connection.send(channel, Value::object({{"type", "stop"}}));
  CHECK(connection.rest().back()["type"].as_string() == "channelClose");
}

TEST_CASE("The server's own log is streamed where the script says so") {
  const Simulator simulator("websocket: {server_log: true}");
  SdkConnection connection(simulator.port(), "diagnostics");
  follow(connection, simulator);
  http(simulator.port(), "GET", "/v1/models");
  const Value log = read_logs(connection, 1).front();
  CHECK(log["type"].as_string() == "server.log");
  CHECK(log["level"].as_string() == "info");
  CHECK(log["content"].as_string() == "Received request: GET to /v1/models");
}

TEST_CASE("The hardware is what the script says, with a GPU or without") {
  const auto survey = [](const std::string& script) {
    const Simulator simulator(script);
    SdkConnection connection(simulator.port(), "runtime");
    const Value engines = connection.result("listEngines");
    const Value result = connection.result("surveyHardware");
    CHECK(result["engines"].elements().at(0)["name"] == engines.elements().at(0)["name"]);
    return result["engines"].elements().at(0);
  };
  const Value with = survey("{memory: 64GB, vram: 16GB}");
  CHECK(with["memoryInfo"]["ramCapacity"].as_integer() == 48'000'000'000);
  CHECK(with["memoryInfo"]["vramCapacity"].as_integer() == 16'000'000'000);
  CHECK(with["memoryInfo"]["totalMemory"].as_integer() == 64'000'000'000);
  CHECK(with["hardwareSurvey"]["gpuSurveyResult"]["gpuInfo"].elements().size() == 1);
  const Value without = survey("{memory: 64GB, vram: 0GB}");
  CHECK(without["memoryInfo"]["ramCapacity"].as_integer() == 64'000'000'000);
  CHECK(without["hardwareSurvey"]["gpuSurveyResult"]["result"]["code"].as_string() == "noDevicesFound");
}

TEST_CASE("A model that is found is downloaded, and is on disk then") {
  const Simulator simulator(
      "models: [{key: far, on_disk: false, size: 2GB, download_time: 100ms}, {key: near}]");
  SdkConnection repository(simulator.port(), "repository"), system(simulator.port(), "system");
  const Value found =
      repository.result("searchModels", Value::object({{"opts", Value::object({{"searchTerm", "FAR"}})}}));
  REQUIRE(found["results"].elements().size() == 1);
  const Value options = repository.result(
      "getModelDownloadOptions",
      Value::object({{"modelSearchResultIdentifier", found["results"].elements()[0]["identifier"]}}));
  CHECK(options["results"].elements().at(0)["fitEstimation"].as_string() == "fullGPUOffload");
  CHECK(system.result("listDownloadedModels").elements().size() == 1);

  repository.open("downloadModel", download_of("far"));
  std::vector<Value> messages = repository.rest();
  REQUIRE(messages.size() >= 5);
  CHECK(messages.front()["update"]["downloadedBytes"].as_integer() < 2'000'000'000);
  CHECK(messages[messages.size() - 4]["update"]["downloadedBytes"].as_integer() == 2'000'000'000);
  CHECK(messages[messages.size() - 3]["type"].as_string() == "startFinalizing");
  CHECK(messages[messages.size() - 2]["defaultIdentifier"].as_string() == "far");
  CHECK(system.result("listDownloadedModels").elements().size() == 2);
}

TEST_CASE("A download is cancelled, fails where the script says, or is of nothing that there is") {
  const Simulator simulator(R"(models:
  - {key: slow, on_disk: false, download_time: 1h}
  - {key: broken, on_disk: false, download_time: 100ms, download_fails_at: 50})");
  SdkConnection repository(simulator.port(), "repository");
  const std::int64_t channel = repository.open("downloadModel", download_of("slow"));
  CHECK(repository.next()["type"].as_string() == "downloadProgress");
  repository.send(channel, Value::object({{"type", "cancel"}}));
  CHECK(repository.rest().back()["type"].as_string() == "channelClose");
  for (const std::string& key : {std::string("broken"), std::string("ghost")}) {
    repository.open("downloadModel", download_of(key));
    const Value end = repository.rest().back();
    CHECK(end["type"].as_string() == "channelError");
    CHECK_THAT(std::string(end["error"]["title"].as_string()), ContainsSubstring(key));
  }
}
