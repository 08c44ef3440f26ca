// SPDX-License-Identifier: MIT
// Models in memory where LM Studio's WebSockets can't be used.
#include <string>

#include "base/json.hpp"
#include "plugins/lmstudio/sdk_studio.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/json_server.hpp"
#include "support/recording_sink.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kList[] =
    R"({"models":[{"type":"llm","key":"m","loaded_instances":[{"id":"m:2","config":{"context_length":4096,)"
    R"("eval_batch_size":512,"parallel":4,"flash_attention":true,"num_experts":4,"offload_kv_cache_to_gpu":false}}]},)"
    R"({"type":"embedding","key":"e","loaded_instances":[]}]})";
constexpr char kLoaded[] =
    R"({"type":"llm","instance_id":"m","load_time_seconds":9.1,"status":"loaded","load_config":{)"
    R"("context_length":16384,"eval_batch_size":512,"flash_attention":true,"offload_kv_cache_to_gpu":true,"num_experts":4}})";

LoadSettings settings() {
  LoadSettings all;
  all.context_length = 16384;
  all.gpu_layers = GpuLayers::exactly(6);
  all.main_gpu = 0;
  all.batch_size = 256;
  all.use_mlock = true;
  all.offload_kqv = true;
  all.flash_attention = FlashAttention::on;
  all.experts = 4;
  all.parallel = 2;
  all.identifier = "chat";
  all.extra = Value::object({{"llm.load.useUnifiedKvCache", true}});
  return all;
}

std::string describe_load(const Result<LoadedModel>& loaded) {
  if (!loaded) return describe(loaded.error());
  std::string out = loaded->instance + " over " + loaded->surface + " in " +
                    std::to_string(loaded->load_time.value.count()) + " ms (" + loaded->load_time.basis +
                    ")\n";
  for (const UnappliedSetting& each : loaded->unapplied)
    out += "  " + each.name + " " + base::to_json(each.asked) + ", applied " + base::to_json(each.applied) +
           ": " + each.reason + "\n";
  return out;
}

}  // namespace

TEST_CASE("without WebSockets a model is loaded over REST, and what is lost is named", "[lmstudio][rest]") {
  const JsonServer server({{"/api/v1/models/load", JsonReply{kLoaded}}});
  StudioCaller caller(server.url());
  const Result<LoadedModel> loaded = caller.load("m", settings());
  check_golden("lmstudio/rest_load.txt", replace_all(describe_load(loaded), server.url(), "http://host"));
  REQUIRE(loaded);
  CHECK(loaded->applied.context_length == 16384);
  CHECK(loaded->applied.flash_attention == FlashAttention::on);
  CHECK(
      server.last_body("/api/v1/models/load") ==
      R"({"model":"m","parallel":2,"offload_kv_cache_to_gpu":true,"context_length":16384,"eval_batch_size":256,)"
      R"("flash_attention":true,"num_experts":4,"echo_load_config":true})");
}

TEST_CASE("keys that an older REST API rejects are left out, and reported", "[lmstudio][rest]") {
  std::vector<std::string> bodies;
  LoopbackServer server([&](Peer& peer, int) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const bool load = request.starts_with("POST /api/v1/models/load");
      const bool greets = request.starts_with("GET /lmstudio-greeting");
      const std::string body = request.substr(request.find("\r\n\r\n") + 4);
      if (load) bodies.push_back(body);
      const bool rejected = load && body.find("parallel") != std::string::npos;
      const std::string reply =
          greets     ? R"({"lmstudio":true})"
          : !load    ? R"({"error":"Unexpected endpoint or method."})"
          : rejected ? R"({"error":{"type":"invalid_request","code":"unrecognized_keys",)"
                       R"("message":"Unrecognized keys in object: 'parallel', 'flash_attention'"}})"
                     : kLoaded;
      peer.send(std::string("HTTP/1.1 ") + (rejected ? "400 Bad Request" : "200 OK") +
                (greets ? "\r\nConnection: close" : "") +
                "\r\nContent-Length: " + std::to_string(reply.size()) + "\r\n\r\n" + reply);
      if (greets) return;
    }
  });
  StudioCaller caller(server.url());
  LoadSettings some;
  some.context_length = 16384;
  some.parallel = 2;
  some.flash_attention = FlashAttention::on;
  const LoadedModel loaded = caller.load("m", some).value();
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[1] == R"({"model":"m","context_length":16384,"echo_load_config":true})");
  REQUIRE(loaded.unapplied.size() == 2);
  CHECK(loaded.unapplied[0].name == "parallel");
  CHECK(loaded.unapplied[1].name == "flash_attention");
  CHECK_THAT(loaded.unapplied[0].reason, StartsWith("this LM Studio's REST API does not take it"));
}

TEST_CASE("an LM Studio that can't be told to load says so", "[lmstudio][rest]") {
  const JsonServer server({});
  StudioCaller caller(server.url());
  const std::string said =
      describe_load(caller.load("m")) + describe(caller.manager().estimate({"m"}, caller.context()).error());
  check_golden("lmstudio/no_loading.txt", replace_all(said, server.url(), "http://host"));
}

TEST_CASE("a load that fails over REST keeps its reason", "[lmstudio][rest]") {
  const JsonServer unknown(
      {{"/api/v1/models/load",
        {R"({"error":{"type":"model_not_found","message":"Model m not found in downloaded models"}})",
         "404 Not Found"}}});
  CHECK(StudioCaller(unknown.url()).load("m").error().code == ErrorCode::model_not_found);
  const JsonServer full(
      {{"/api/v1/models/load",
        {R"({"error":{"type":"model_load_failed","message":"Model loading was stopped due to insufficient system )"
         R"(resources. Under the current settings, this model requires approximately 63.2 GB of memory"}})",
         "500 Internal Server Error"}}});
  const Error error = StudioCaller(full.url()).load("m").error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK(error.detail["required_bytes"].as_integer() == 63'200'000'000);
  CHECK(error.detail["required_basis"].as_string() == "reported: the server's own estimate");
  // over REST, LM Studio does not say whether a machine on its LM Link was to load it
  CHECK(error.detail["available_bytes"].is_null());
}

TEST_CASE("over REST models are unloaded by instance, and described as far as they are", "[lmstudio][rest]") {
  const JsonServer server(
      {{"/api/v1/models", {kList}}, {"/api/v1/models/unload", {R"({"instance_id":"m:2"})"}}});
  StudioCaller caller(server.url());
  CHECK(caller.manager().unload("m:2", caller.context()));
  CHECK(server.last_body("/api/v1/models/unload") == R"({"instance_id":"m:2"})");
  const auto loaded = caller.manager().loaded(caller.context()).value();
  REQUIRE(loaded.size() == 1);
  const ModelStatus& status = loaded.front();
  CHECK(status.key == "m");
  CHECK(status.instance == "m:2");
  CHECK(status.context_length.value == 4096);
  CHECK(status.config.experts == 4);
  CHECK(status.config.offload_kqv == false);
  CHECK(status.config_basis == "LM Studio /api/v1/models");
  for (const std::string& basis : {status.gpu_layers.basis, status.memory_bytes.basis, status.activity.basis,
                                   status.ttl.basis, status.last_used.basis})
    CHECK_THAT(basis, StartsWith("LM Studio's REST API does not report it, and its WebSocket can't be used"));

  const JsonServer gone(
      {{"/api/v1/models/unload",
        {R"({"error":{"type":"model_not_found","message":"Model with instance identifier 'x' is not loaded."}})",
         "404 Not Found"}}});
  StudioCaller other(gone.url());
  CHECK(other.manager().unload("x", other.context()).error().code == ErrorCode::model_not_found);
}
