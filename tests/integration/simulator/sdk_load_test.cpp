// SPDX-License-Identifier: MIT
#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "integration/simulator/sdk_socket.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kSmall = "phi-3-mini";
const std::string kTwo = "models: [{key: a, size: 60GB, load_time: 1h}, {key: b, size: 80GB}]\n";

std::string about(const std::string& name, const std::string& more = {}) {
  return R"({"specifier":)" + by_name(name) + more + "}";
}

Value load_config(SdkSocket& socket, const std::string& name) {
  return socket.call("getLoadConfig", about(name))["result"];
}

// Loads, and returns what the end says.
Value load(SdkSocket& socket, const std::string& parameter, const std::string& endpoint = "loadModel") {
  std::vector<Value> frames = socket.run(1, endpoint, parameter);
  if (frames.back()["type"].as_string() == "channelError") return frames.back()["error"];
  return frames.at(frames.size() - 2)["message"];
}

std::vector<std::string> loaded(const Value& state) {
  std::vector<std::string> names;
  for (const Value& each : state["loaded"].elements()) names.emplace_back(each.as_string());
  return names;
}

using Names = std::vector<std::string>;

// What changes from run to run.
void still(Value& info) {
  if (info.find("lastUsedTime")) info.set("lastUsedTime", 0);
}

}  // namespace

TEST_CASE("A load tells its progress, and its settings are read back as the server has them") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/llm");
  const std::string fields = R"("llm.load.llama.autoFit":false,"llm.load.contextLength":2048,
    "llm.load.llama.acceleration.offloadRatio":"max","load.gpuStrictVramCap":false,
    "load.gpuSplitConfig":{"strategy":"priorityOrder","disabledGpus":[1],"priority":[0],"customRatio":[]},
    "llm.load.numCpuExpertLayersRatio":"off","llm.load.llama.tryMmap":false,
    "llm.load.llama.cpuThreadPoolSize":8,"llm.load.seed":{"checked":true,"value":42},
    "llm.load.llama.kCacheQuantizationType":{"checked":true,"value":"q8_0"})";
  std::string all;
  for (Value& frame :
       socket.run(1, "loadModel", load_of("phi-3-mini", R"(,"identifier":"m1","ttlMs":300000)", fields))) {
    if (Value* message = frame.find("message"))
      if (Value* info = message->find("info")) still(*info);
    const std::string text = base::to_json(frame);
    if (text.find("progress\":0.") == std::string::npos) all += text + "\n";
  }
  all += base::to_json(load_config(socket, "m1"), 2) + "\n";
  check_golden("simulator/sdk_load.txt", all);
}

TEST_CASE("A load that is held goes on when it is let go, and can be cancelled before") {
  const Simulator simulator("models: [{key: a}]\nhold: {loads: [a]}\n");
  SdkSocket socket(simulator.port(), "/llm");
  const auto is_loading = [](const Value& state) { return !state["instances"].elements().empty(); };
  socket.open(1, "loadModel", load_of("a"));
  simulator.wait_for(is_loading);
  socket.tell(1, "cancel");
  CHECK(socket.rest(1).back()["type"].as_string() == "channelError");
  CHECK(simulator.state()["instances"].elements().empty());
  socket.open(2, "loadModel", load_of("a"));
  CHECK(loaded(simulator.wait_for(is_loading)).empty());
  simulator.play("hold: {}");
  CHECK(socket.rest(2).back()["type"].as_string() == "channelClose");
  CHECK(loaded(simulator.state()) == Names{"a"});
}

TEST_CASE("Settings that the server does not know, can't read or ignores are dropped without a word") {
  const Simulator simulator("ignores: [llm.load.llama.tryMmap]\n");
  SdkSocket socket(simulator.port(), "/llm");
  load(socket,
       load_of(kSmall, "", R"("llm.load.magic":1,"llm.load.contextLength":-5,"llm.load.llama.tryMmap":false,
    "llm.load.llama.evalBatchSize":"many","load.gpuSplitConfig":{"strategy":"evenly"},
    "llm.load.llama.kCacheQuantizationType":{"checked":true,"value":"q1"},"llm.load.llama.keepModelInMemory":false)"));
  const Value config = load_config(socket, kSmall);
  CHECK(field(config, "llm.load.magic").is_null());
  CHECK(field(config, "llm.load.contextLength").as_integer() == 4096);
  CHECK(field(config, "llm.load.llama.tryMmap").as_bool());
  CHECK(field(config, "llm.load.llama.evalBatchSize").as_integer() == 512);
  CHECK(!field(config, "llm.load.llama.kCacheQuantizationType")["checked"].as_bool(true));
  CHECK(!field(config, "llm.load.llama.keepModelInMemory").as_bool(true));
}

TEST_CASE("A server that fits models itself heeds placement only when that is switched off") {
  const Simulator simulator("auto_fit: true\n");
  SdkSocket socket(simulator.port(), "/llm");
  const std::string placed = R"("llm.load.contextLength":1024,"llm.load.llama.acceleration.offloadRatio":0.5,
    "llm.load.llama.evalBatchSize":256)";
  load(socket, load_of(kSmall, R"(,"identifier":"fitted")", placed));
  Value config = load_config(socket, "fitted");
  CHECK(field(config, "llm.load.contextLength").as_integer() == 4096);
  CHECK(field(config, "llm.load.llama.acceleration.offloadRatio").as_real() == 1);
  CHECK(field(config, "llm.load.llama.evalBatchSize").as_integer() == 256);
  load(socket, load_of(kSmall, R"(,"identifier":"placed")", placed + R"(,"llm.load.llama.autoFit":false)"));
  config = load_config(socket, "placed");
  CHECK(field(config, "llm.load.contextLength").as_integer() == 1024);
  CHECK(field(config, "llm.load.llama.acceleration.offloadRatio").as_real() == 0.5);
}

TEST_CASE("Loading a loaded model makes another instance, until an identifier or the memory is in the way") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/llm");
  CHECK(load(socket, load_of(kSmall))["info"]["identifier"].as_string() == kSmall);
  CHECK(load(socket, load_of(kSmall))["info"]["identifier"].as_string() == kSmall + ":2");
  CHECK(load(socket, load_of(kSmall, R"(,"identifier":"mine")"))["type"].as_string() == "success");
  std::string all;
  const auto show = [&](const std::string& title, const Value& error) {
    all += title + "\n" + base::to_json(error, 2) + "\n\n";
  };
  show("identifier taken", load(socket, load_of(kSmall, R"(,"identifier":"mine")")));
  show("too large", load(socket, load_of("huge")));
  show("unknown key", load(socket, load_of("nope")));
  show("another domain", load(socket, load_of("text-embedding-nomic-embed-text-v1.5")));
  show("unknown identifier", socket.call("unloadModel", R"({"identifier":"ghost"})")["error"]);
  show("nothing fits the query",
       socket.call("getModelInfo", about("ghost", R"(,"throwIfNotFound":true)"))["error"]);
  const std::string gone = R"({"specifier":{"type":"instanceReference","instanceReference":"gone"}})";
  show("unloaded", socket.call("getLoadConfig", gone)["error"]);
  check_golden("simulator/sdk_errors.txt", all);
}

TEST_CASE("A load takes its memory from the start, and gives it back when its client leaves") {
  const Simulator simulator(kTwo);
  SdkSocket other(simulator.port(), "/llm");
  {
    SdkSocket socket(simulator.port(), "/llm");
    socket.open(1, "loadModel", load_of("a"));
    socket.receive();
    socket.receive();  // it has begun
    CHECK_THAT(std::string(load(other, load_of("b"))["title"].as_string()),
               StartsWith("Model loading was stopped due to insufficient system resources."));
  }
  simulator.wait_for([](const Value& state) { return state["instances"].elements().empty(); });
  CHECK(load(other, load_of("b"))["type"].as_string() == "success");
}

TEST_CASE("A cancelled load ends with an error, or without one where the script says so") {
  for (const bool closes : {false, true}) {
    const Simulator simulator(kTwo + (closes ? "websocket: {cancel_closes: true}\n" : ""));
    SdkSocket socket(simulator.port(), "/llm");
    socket.open(1, "loadModel", load_of("a"));
    socket.receive();
    socket.tell(1, "cancel");
    const Value end = socket.rest(1).back();
    CHECK(end["type"].as_string() == (closes ? "channelClose" : "channelError"));
    if (!closes) CHECK(end["error"]["title"].as_string() == "Operation canceled.");
    CHECK(load(socket, load_of("b"))["type"].as_string() == "success");
    const Value state =
        simulator.wait_for([](const Value& seen) { return seen["counters"]["stopped"].as_integer() == 1; });
    CHECK(loaded(state) == Names{"b"});
    std::string notes;
    for (const Value& each : state["requests"].elements()) notes += base::to_json(each["notes"]);
    CHECK_THAT(notes, ContainsSubstring("the load of a ended at 0 %; its memory was released"));
  }
}

TEST_CASE("A model fails to load where the script says") {
  const Simulator simulator(
      "models: [{key: a, load_error: 'CUDA error: out of memory', load_fails_at: 50}]\n");
  SdkSocket socket(simulator.port(), "/llm");
  const std::vector<Value> frames = socket.run(1, "loadModel", load_of("a"));
  CHECK(frames.at(frames.size() - 2)["message"]["progress"].as_real() == 0.25);
  CHECK(frames.back()["error"]["cause"].as_string() == "CUDA error: out of memory");
  CHECK(simulator.state()["instances"].elements().empty());
}

TEST_CASE("Estimates follow size, context, cache type and offload, and say whether it fits") {
  const Simulator simulator("models: [{key: a, size: 40GB}]\n");
  SdkSocket socket(simulator.port(), "/llm");
  const auto estimate = [&](const std::string& fields) {
    return socket.call("estimateModelUsage", load_of("a", "", fields))["result"];
  };
  const Value plain = estimate("");
  CHECK(plain["passesGuardrails"].as_bool());
  CHECK(plain["memory"]["totalBytes"].as_integer() == 44'000'000'000);
  CHECK(plain["memory"]["totalVramBytes"].as_integer() == 44'000'000'000);
  const Value half =
      estimate(R"("llm.load.llama.acceleration.offloadRatio":0.5,"llm.load.offloadKVCacheToGpu":false)");
  CHECK(half["memory"]["totalVramBytes"].as_integer() == 20'000'000'000);
  const Value small = estimate(R"("llm.load.llama.kCacheQuantizationType":{"checked":true,"value":"q8_0"},
    "llm.load.llama.vCacheQuantizationType":{"checked":true,"value":"q8_0"})");
  CHECK(small["memory"]["contextBytes"].as_integer() == 2'125'000'000);
  const Value large = estimate(R"("llm.load.contextLength":32768,"llm.load.numParallelSessions":2)");
  CHECK(large["memory"]["contextBytes"].as_integer() == 32'000'000'000);
  CHECK(large["passesGuardrails"].as_bool());
  load(socket, load_of("a"));
  CHECK(estimate("")["passesGuardrails"].as_bool());
  load(socket, load_of("a"));
  CHECK(!estimate("")["passesGuardrails"].as_bool(true));
}

TEST_CASE("A model that nobody uses for its time is unloaded") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/llm");
  CHECK(load(socket, load_of(kSmall, R"(,"ttlMs":1)"))["info"]["ttlMs"].as_integer() == 1);
  simulator.wait_for([](const Value& state) { return loaded(state).size() == 2; });
  CHECK(socket.call("unloadModel", R"({"identifier":")" + kSmall + "\"}")["type"].as_string() == "rpcError");
}

TEST_CASE("What requests have loaded makes room for the next, what was loaded by name stays") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/llm");
  const auto get = [&](const std::string& name) {
    return socket.run(1, "getOrLoad",
                      R"({"identifier":")" + name + R"(","loadConfigStack":)" + load_stack() + "}");
  };
  load(socket, load_of(kSmall));
  CHECK(get(kSmall).front()["message"]["type"].as_string() == "alreadyLoaded");
  CHECK(get("qwen3-8b").front()["message"]["type"].as_string() == "startLoading");
  const std::vector<Value> frames = get("gemma-3-12b");
  CHECK(frames.front()["message"]["type"].as_string() == "unloadingOtherJITModel");
  CHECK(frames.front()["message"]["info"]["identifier"].as_string() == "qwen3-8b");
  CHECK(frames.at(frames.size() - 2)["message"]["info"]["ttlMs"].as_integer() == 3'600'000);
  CHECK(loaded(simulator.state()) == Names{"openai/gpt-oss-20b", "mistral-7b", kSmall, "gemma-3-12b"});
}

TEST_CASE("A part of a key names a model, several are told, and a script takes whole keys alone") {
  const std::string models = "models: [{key: one/x}, {key: two/x}, {key: two/y@q4}]\n";
  const Simulator lenient(models);
  SdkSocket socket(lenient.port(), "/llm");
  Value resolved = socket.run(1, "loadModel", load_of("x")).front()["message"];
  CHECK(resolved["info"]["modelKey"].as_string() == "one/x");
  CHECK(base::to_json(resolved["ambiguous"]) == R"(["one/x","two/x"])");
  resolved = socket.run(1, "loadModel", load_of("two/y")).front()["message"];
  CHECK(resolved["info"]["modelKey"].as_string() == "two/y@q4");
  CHECK(resolved["ambiguous"].is_null());
  const Simulator strict(models + "websocket: {exact_keys: true}\n");
  SdkSocket other(strict.port(), "/llm");
  CHECK(load(other, load_of("x"))["displayData"]["code"].as_string() == "generic.pathNotFound");
}

TEST_CASE("An instance tells whether it is at work, and how many wait for it") {
  const Simulator simulator(
      "models: [{key: a, loaded: true, parallel: 1}]\nfaults: [{when: {nth: 1, route: /v1/chat/completions}, "
      "kind: stall, after_tokens: 1}]\n");
  SdkSocket socket(simulator.port(), "/llm");
  const auto state = [&] {
    return base::to_json(socket.call("getInstanceProcessingState", about("a"))["result"]);
  };
  CHECK(state() == R"({"status":"idle","queued":0})");
  RawConnection first(simulator.port()), second(simulator.port());
  first.post("/v1/chat/completions", chat_body("a", "Hello", R"(,"stream":true)"));
  first.read_until("\"This\"");
  second.post("/v1/chat/completions", chat_body("a", "Hello"));
  simulator.wait_for([](const Value& seen) { return seen["queued"].as_integer() == 1; });
  CHECK(state() == R"({"status":"generating","queued":1})");
}

TEST_CASE("The models on disk are listed with what LM Studio says about them") {
  const Simulator simulator;
  SdkSocket socket(simulator.port(), "/system");
  const Value models = socket.call("listDownloadedModels")["result"];
  std::string all;
  for (const Value& model : models.elements()) all += base::to_json(model) + "\n";
  check_golden("simulator/sdk_models.txt", all);
  CHECK(socket.call("listDownloadedModelVariants", R"({"modelKey":"mistral-7b"})")["result"]
            .elements()
            .size() == 1);
}
