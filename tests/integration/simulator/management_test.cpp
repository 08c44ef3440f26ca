// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

HttpReply load(int port, const std::string& body) { return http(port, "POST", "/api/v1/models/load", body); }

}  // namespace

TEST_CASE("A model is loaded over /api/v1 with the settings that it takes, and twice when asked twice") {
  const Simulator simulator;
  const int port = simulator.port();
  const HttpReply first = load(port, R"({"model":"phi-3-mini","context_length":2048,"eval_batch_size":256,
    "flash_attention":false,"num_experts":2,"offload_kv_cache_to_gpu":false,"parallel":2,"echo_load_config":true})");
  Value reply = first.json();
  reply.set("load_time_seconds", 0);
  CHECK(
      base::to_json(reply) ==
      R"({"type":"llm","instance_id":"phi-3-mini","load_time_seconds":0,"status":"loaded","load_config":)"
      R"({"context_length":2048,"eval_batch_size":256,"parallel":2,"flash_attention":false,"num_experts":2,)"
      R"("offload_kv_cache_to_gpu":false}})");
  CHECK(load(port, R"({"model":"phi-3-mini"})").json()["instance_id"].as_string() == "phi-3-mini:2");
  CHECK(
      http(port, "POST", "/api/v1/models/unload", R"({"instance_id":"phi-3-mini"})").json()["instance_id"] ==
      Value("phi-3-mini"));
  const Value instances = simulator.state()["instances"];
  CHECK(instances.elements().back()["id"].as_string() == "phi-3-mini:2");
  CHECK(instances.elements().back()["settings"]["llm.load.contextLength"].as_integer() == 4096);
}

TEST_CASE("What /api/v1 refuses to load, unload and download has LM Studio's statuses and bodies") {
  const Simulator simulator("models: [{key: a}, {key: big, size: 4TB}, {key: broken, load_error: Boom}]\n");
  const int port = simulator.port();
  const auto unload = [&](const char* body) { return http(port, "POST", "/api/v1/models/unload", body); };
  std::string all;
  all += shown("unknown keys", load(port, R"({"model":"a","gpu":1,"ttl":60})"));
  all += shown("another type", load(port, R"({"model":"a","context_length":"long"})"));
  all += shown("no model", load(port, "{}"));
  all += shown("unknown model", load(port, R"({"model":"nope"})"));
  all += shown("not JSON", load(port, "{oops"));
  all += shown("too large", load(port, R"({"model":"big"})"));
  all += shown("broken", load(port, R"({"model":"broken"})"));
  all += shown("unload: not loaded", unload(R"({"instance_id":"ghost"})"));
  all += shown("unload: another key", unload(R"({"model":"a"})"));
  all += shown("download: unknown", http(port, "POST", "/api/v1/models/download", R"({"model":"nope"})"));
  all += shown("download: there", http(port, "POST", "/api/v1/models/download", R"({"model":"a"})"));
  all += shown("download: no such job", http(port, "GET", "/api/v1/models/download/status/job_9"));
  check_golden("simulator/management_errors.txt", all);
}

TEST_CASE("A client that leaves during a load gets nothing loaded") {
  const Simulator simulator("models: [{key: slow, load_time: 1h}]\n");
  {
    RawConnection connection(simulator.port());
    connection.post("/api/v1/models/load", R"({"model":"slow"})");
    simulator.wait_for([](const Value& state) { return state["instances"].elements().size() == 1; });
  }
  simulator.wait_for([](const Value& state) {
    return state["instances"].elements().empty() && state["counters"]["stopped"].as_integer() == 1;
  });
}

TEST_CASE("What a model says when it is unloaded ends in an error") {
  const Simulator simulator("replies: [{text: a b}]\nhold: {answers: [mistral-7b]}\n");
  RawConnection connection(simulator.port());
  connection.post("/v1/chat/completions", chat_body("mistral-7b", "Hello", R"(,"stream":true)"));
  connection.read_until("\"a\"");
  http(simulator.port(), "POST", "/api/v1/models/unload", R"({"instance_id":"mistral-7b"})");
  CHECK_THAT(connection.read_until("unloaded"),
             ContainsSubstring(R"(data: {"error":"Model unloaded by user or API request."})"));
}

TEST_CASE("Only models can be held, and idle for a duration") {
  const Simulator simulator("models: [{key: a}]\nhold: {loads: [a]}\n");
  const auto refusal = [&](const std::string& path, const std::string& body) {
    const HttpReply reply = http(simulator.port(), "POST", path, body);
    CHECK(reply.status == 400);
    return std::string(reply.json()["error"].as_string());
  };
  CHECK(refusal("/__sim/script", "hold: {loads: [a], answers: [b]}") == "'hold': there is no model 'b'");
  CHECK_THAT(refusal("/__sim/script", "hold: {load: [a]}"), ContainsSubstring("did you mean 'loads'?"));
  CHECK_THAT(refusal("/__sim/idle", "{}"), ContainsSubstring("'for'"));
  CHECK_THAT(refusal("/__sim/idle", R"({"for": 61})"), ContainsSubstring("'for' is '61'"));
  const TempDir folder;
  const Finished finished = run({.argv = {program("lmstudio-sim"), "--port", "0", "--script",
                                          folder.write("bad.yaml", "hold: {answers: [ghost]}\n")}});
  CHECK(finished.exit_code == 3);
  CHECK_THAT(finished.err, ContainsSubstring("bad.yaml:1:7: there is no model 'ghost'"));
}

TEST_CASE("A download goes on until the model is on disk and can be loaded") {
  const Simulator simulator(
      "models: [{key: org/new, on_disk: false, download_time: 1h}, {key: org/quick, on_disk: false, "
      "download_time: 0ms}, {key: org/lost, on_disk: false, download_fails_at: 0}]\n");
  const int port = simulator.port();
  const auto download = [&](const std::string& model) {
    return http(port, "POST", "/api/v1/models/download", R"({"model":")" + model + "\"}").json();
  };
  const auto status = [&](const Value& job) {
    return http(port, "GET", "/api/v1/models/download/status/" + std::string(job["job_id"].as_string()))
        .json();
  };
  CHECK(load(port, R"({"model":"org/new"})").status == 404);
  const Value job = download("https://huggingface.co/org/new");
  CHECK(job["status"].as_string() == "downloading");
  CHECK(job["total_size_bytes"].as_integer() == 4'000'000'000);
  CHECK(download("org/new")["job_id"] == job["job_id"]);
  CHECK(status(job)["bytes_per_second"].as_integer() == 1'111'111);
  CHECK(status(job)["downloaded_bytes"].as_integer() < 4'000'000'000);
  CHECK(status(download("org/quick"))["status"].as_string() == "completed");
  CHECK(status(download("org/lost"))["status"].as_string() == "failed");
  CHECK(load(port, R"({"model":"org/quick"})").status == 200);
  CHECK(http(port, "GET", "/api/v1/models").json()["models"].elements().size() == 1);
}

TEST_CASE("A server of before /api/v1 answers it as what it does not know") {
  const Simulator simulator("native_api: false\n");
  CHECK_THAT(std::string(http(simulator.port(), "GET", "/api/v1/models").json()["error"].as_string()),
             StartsWith("Unexpected endpoint or method."));
  CHECK(http(simulator.port(), "GET", "/api/v0/models").json()["data"].is_array());
}

TEST_CASE("An error may be a page of HTML") {
  const Simulator simulator("faults: [{when: {route: /api/v0/models/a}, kind: html, status: 500}]\n");
  const HttpReply reply = http(simulator.port(), "GET", "/api/v0/models/a");
  CHECK(reply.status == 500);
  CHECK(reply.headers.at("Content-Type") == "text/html; charset=utf-8");
  CHECK_THAT(reply.body, StartsWith("<!DOCTYPE html>"));
}

TEST_CASE("A token allows what the script says, the rest is 403") {
  const Simulator simulator("tokens: [{key: 'sk-lm-abcdefgh:01234567890123456789', may: [list, infer]}]\n");
  const std::map<std::string, std::string> token{
      {"Authorization", "Bearer sk-lm-abcdefgh:01234567890123456789"}};
  CHECK(http(simulator.port(), "GET", "/v1/models", "", token).status == 200);
  CHECK(http(simulator.port(), "POST", "/v1/chat/completions", chat_body("mistral-7b", "Hi"), token).status ==
        200);
  const HttpReply refused = http(simulator.port(), "POST", "/api/v1/models/load", R"({"model":"a"})", token);
  CHECK(refused.status == 403);
  CHECK(refused.json()["error"]["code"].as_string() == "permission_denied");
  CHECK(http(simulator.port(), "GET", "/v1/models").status == 401);
}
