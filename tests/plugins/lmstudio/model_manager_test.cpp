// SPDX-License-Identifier: MIT
// Models in memory, over the WebSockets of an LM Studio that plays its part.
#include <chrono>
#include <cstdlib>
#include <future>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/load_settings.hpp"
#include "lmstudio/hardware.hpp"
#include "lmstudio/load_fields.hpp"
#include "lmstudio/provider.hpp"
#include "plugins/lmstudio/sdk_studio.hpp"
#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/recording_sink.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kModel[] = "openai/gpt-oss-20b";

Value json(const std::string& text) { return base::parse_json(text).value(); }

template <class T>
std::string sourced(const Sourced<T>& number, const std::string& value) {
  return (number ? value : "-") + " (" + std::string(to_string(number.source)) + ": " + number.basis + ")\n";
}
std::string sourced(const Sourced<std::int64_t>& number) {
  return sourced(number, std::to_string(number.value));
}

std::string describe_status(const ModelStatus& status) {
  std::string out =
      status.key + " as " + status.instance + ", " + std::string(to_string(status.state)) + "\n";
  out += "  context " + sourced(status.context_length);
  out += "  gpu layers " + sourced(status.gpu_layers);
  out += "  total layers " + sourced(status.total_layers);
  out += "  memory " + sourced(status.memory_bytes);
  out += "  vram " + sourced(status.vram_bytes);
  out += "  activity " + sourced(status.activity, std::string(to_string(status.activity.value)));
  out += "  queued " + sourced(status.queued);
  out += "  ttl " + sourced(status.ttl, std::to_string(status.ttl.value.count()));
  out += "  last used " + sourced(status.last_used, std::to_string(status.last_used.value.count()));
  out += "  config, as " + (status.config_basis.empty() ? "nobody" : status.config_basis) + " says:";
  for (const std::string& name : lmstudio::present_settings(status.config))
    out += " " + name + "=" + base::to_json(base::setting_value(status.config, name));
  return out + "\n";
}

// $HOME with an LM Studio that has the model's file, of so many layers.
class HomeWithModel {
 public:
  explicit HomeWithModel(std::uint32_t layers) : old_(std::getenv("HOME") ? std::getenv("HOME") : "") {
    GgufWriter writer;
    writer.add("general.architecture", "gpt-oss");
    writer.add("gpt-oss.block_count", layers);
    home_.write(".lmstudio/models/openai/gpt-oss-20b/gpt-oss-20b-MXFP4.gguf", writer.head());
    ::setenv("HOME", home_.path().c_str(), 1);
  }
  ~HomeWithModel() { ::setenv("HOME", old_.c_str(), 1); }
  std::string path() const { return home_.path(); }
  HomeWithModel(const HomeWithModel&) = delete;
  HomeWithModel& operator=(const HomeWithModel&) = delete;

 private:
  TempDir home_;
  std::string old_;
};

}  // namespace

TEST_CASE("a load tells its progress, and what was loaded", "[lmstudio][load]") {
  SdkStudio studio;
  studio.answer("getLoadConfig", json(R"({"fields":[{"key":"llm.load.contextLength","value":16384},)"
                                      R"({"key":"llm.load.llama.acceleration.offloadRatio","value":1}]})"));
  StudioCaller caller(studio.url());
  LoadSettings settings;
  settings.context_length = 16384;
  settings.gpu_layers = GpuLayers::all();
  settings.identifier = "m1";
  settings.ttl = 5min;
  const LoadedModel loaded = caller.load(kModel, settings).value();
  CHECK(caller.told == "0.0 0.5 1.0 ");
  CHECK(loaded.key == kModel);
  CHECK(loaded.instance == "m1");
  CHECK(loaded.surface == "WebSocket");
  CHECK(loaded.load_time.source == Source::measured);
  CHECK(loaded.applied == settings);
  CHECK(loaded.unapplied.empty());
}

TEST_CASE("a load reports every setting that is not in effect", "[lmstudio][load]") {
  SdkStudio studio;
  studio.answer("getLoadConfig", json(R"({"fields":[{"key":"llm.load.contextLength","value":8192}]})"));
  StudioCaller caller(studio.url());
  LoadSettings settings;
  settings.context_length = 16384;
  settings.use_mlock = true;
  settings.identifier = "chat";
  settings.ttl = 1min;
  std::string lost;
  const auto load = [&] {
    for (const UnappliedSetting& each : caller.load(kModel, settings).value().unapplied)
      lost += each.name + " " + base::to_json(each.asked) + ", but " + base::to_json(each.applied) + ": " +
              each.reason + "\n";
  };
  load();
  studio.fail("getLoadConfig", json(R"({"title":"The engine does not answer"})"));
  load();
  check_golden("lmstudio/loaded_otherwise.txt", replace_all(lost, studio.url(), "http://host"));
}

TEST_CASE("a number of layers is a share of those that the model's file has", "[lmstudio][load]") {
  const HomeWithModel home(24);
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  LoadSettings settings;
  settings.gpu_layers = GpuLayers::exactly(6);
  REQUIRE(caller.load(kModel, settings));
  CHECK_THAT(base::to_json(studio.parameter_of("loadModel")),
             ContainsSubstring(R"({"key":"llm.load.llama.acceleration.offloadRatio","value":0.25})"));
}

TEST_CASE("a load that can't be is refused before anything is loaded", "[lmstudio][load]") {
  const TempDir empty;
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  LoadSettings row;
  row.gpu_split_mode = SplitMode::row;
  CHECK(caller.load(kModel, row).error().code == ErrorCode::unsupported);
  CHECK(studio.frames().empty());
  LoadSettings layers;
  layers.gpu_layers = GpuLayers::exactly(6);
  CHECK(caller.load("no-file-of-it", layers).error().code == ErrorCode::unsupported);
  LoadSettings alone;
  alone.gpu_split_mode = SplitMode::none;
  alone.main_gpu = 2;
  CHECK(caller.load(kModel, alone).error().message == "main_gpu is 2, but there are 2 GPUs, counted from 0");
  CHECK(studio.parameter_of("loadModel").is_null());
}

TEST_CASE("a key that may mean several models is an error that lists them", "[lmstudio][load]") {
  SdkStudio studio;
  studio.tell("loadModel", {json(R"({"type":"resolved","info":{},"ambiguous":["a/gpt","b/gpt"]})")}, true);
  StudioCaller caller(studio.url());
  const Error error = caller.load("gpt").error();
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(base::to_json(error.detail) == R"({"name":"gpt","candidates":["a/gpt","b/gpt"]})");
}

TEST_CASE("a load that does not fit says what it needs and what is free", "[lmstudio][load]") {
  SdkStudio studio;
  studio.tell("loadModel", {});
  studio.fail("loadModel",
              json(R"({"title":"Model loading was stopped due to insufficient system resources.","cause":)"
                   R"("Under the current settings, this model requires approximately 63.2 GB of memory"})"));
  StudioCaller caller(studio.url());
  const Error error = caller.load("huge").error();
  CHECK(error.code == ErrorCode::insufficient_memory);
  CHECK(error.detail["required_bytes"].as_integer() == 63'200'000'000);
  CHECK(error.detail["required_basis"].as_string() == "reported: the server's own estimate");
  CHECK(error.detail["available_bytes"].as_integer() > 0);
  CHECK(error.detail["available_basis"].as_string() ==
        "measured: /proc/meminfo of this machine: the RAM that is free");
}

TEST_CASE("cancelling a load cancels it in LM Studio", "[lmstudio][load]") {
  SdkStudio studio;
  studio.tell("loadModel", {json(R"({"type":"progress","progress":0.1})")}, true);
  StudioCaller caller(studio.url());
  std::promise<void> begun;
  caller.on_told = [&] { begun.set_value(); };
  auto load = std::async(std::launch::async, [&] { return caller.load(kModel).error().code; });
  begun.get_future().wait();
  caller.cancellation.request();
  CHECK(load.get() == ErrorCode::cancelled);
  CHECK(base::to_json(studio.frames().back().frame["message"]) == R"({"type":"cancel"})");
}

TEST_CASE("the status of models says of each number where it is from", "[lmstudio][load]") {
  const HomeWithModel home(24);
  SdkStudio studio;
  Value older = SdkStudio::instance("older");
  older.set("lastUsedTime", 1750000000000);
  older.set("ttlMs", {});
  Value elsewhere = SdkStudio::instance("elsewhere");
  elsewhere.set("path", "not/here.gguf");
  elsewhere.erase("lastUsedTime");
  studio.answer("listLoaded", Value::array({elsewhere, older, SdkStudio::instance()}));
  studio.answer(
      "getLoadConfig",
      json(
          R"({"fields":[{"key":"llm.load.llama.acceleration.offloadRatio","value":0.75},)"
          R"({"key":"llm.load.contextLength","value":16384},{"key":"llm.load.seed","value":{"checked":true,"value":7}},)"
          R"({"key":"llm.load.numExperts","value":0}]})"));
  studio.answer(
      "embedding.listLoaded",
      Value::array({json(R"({"type":"embedding","modelKey":"e","identifier":"e","contextLength":2048,)"
                         R"("lastUsedTime":null,"ttlMs":null})")}));
  studio.fail("embedding.getLoadConfig", json(R"({"title":"No configuration"})"));
  studio.answer("embedding.getInstanceProcessingState",
                json(R"({"status":"computingEmbedding","queued":2})"));
  StudioCaller caller(studio.url());
  std::string out;
  for (const ModelStatus& status : caller.manager().loaded(caller.context()).value())
    out += describe_status(status);
  check_golden("lmstudio/status.txt",
               replace_all(replace_all(out, studio.url(), "http://host"), home.path(), "$HOME"));
}

TEST_CASE("what is not among the models for text is unloaded among those for embeddings",
          "[lmstudio][load]") {
  SdkStudio studio;
  const Value unknown = json(
      R"({"title":"Cannot find model","displayData":{"code":"generic.identifierNotFound","identifier":"e"}})");
  studio.fail("unloadModel", unknown);
  studio.answer("embedding.unloadModel", {});
  StudioCaller caller(studio.url());
  CHECK(caller.manager().unload("e", caller.context()));
  studio.fail("embedding.unloadModel", unknown);
  CHECK(caller.manager().unload("e", caller.context()).error().code == ErrorCode::model_not_found);
}

TEST_CASE("an estimate is LM Studio's, with its own judgement", "[lmstudio][load]") {
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  const MemoryEstimate estimate = caller.manager().estimate({kModel}, caller.context()).value();
  CHECK(estimate.total_bytes.value == 12'900'000'000);
  CHECK(estimate.vram_bytes.value == 12'800'000'000);
  CHECK(estimate.model_bytes.value == 12'000'000'000);
  CHECK(estimate.context_bytes.value == 800'000'000);
  CHECK(estimate.total_bytes.source == Source::estimated);
  CHECK(estimate.fits == true);
  CHECK(estimate.confidence == "high");
}

TEST_CASE("the machine is described as LM Studio surveyed it", "[lmstudio][hardware]") {
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  const Hardware hardware = caller.offered<HardwareSurvey>().survey(caller.context()).value();
  CHECK(hardware.ram_bytes.value == 64'000'000'000);
  CHECK(hardware.ram_bytes.basis == "LM Studio's hardware survey of this machine");
  CHECK(hardware.vram_bytes.value == 48'000'000'000);
  CHECK(hardware.available_ram_bytes.basis == "/proc/meminfo of this machine");
  CHECK(hardware.engine == "llama.cpp-cuda 2.45.0");
  REQUIRE(hardware.gpus.size() == 2);
  CHECK(hardware.gpus[0].memory_bytes.value == 24'000'000'000);
  CHECK_FALSE(hardware.gpus[1].memory_bytes);
}

TEST_CASE("tokens are counted with loaded models only", "[lmstudio][tokens]") {
  SdkStudio studio;
  studio.answer("getModelInfo", {});
  StudioCaller caller(studio.url());
  auto& tokenizer = caller.offered<Tokenizer>();
  CHECK(tokenizer.count_text_tokens(kModel, "abc", caller.context()).value() == 3);  // by its key
  studio.answer("listLoaded", Value::array());
  const Error error = tokenizer.count_text_tokens(kModel, "abc", caller.context()).error();
  CHECK(error.code == ErrorCode::model_not_found);
  CHECK_THAT(error.hint, ContainsSubstring("tachikoma load openai/gpt-oss-20b"));
  studio.answer("embedding.getModelInfo", SdkStudio::instance("e"));
  const ChatRequest chat{.model = "e", .messages = {{Role::user, "Hi"}}};
  CHECK(tokenizer.count_prompt_tokens(chat, caller.context()).error().message ==
        "'e' is a model for embeddings, which takes no conversation");
}

TEST_CASE("a conversation is counted with its tools, its calls and their results", "[lmstudio][tokens]") {
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  ChatRequest request{
      .model = "m1",
      .messages = {{Role::system, "Be brief"},
                   {Role::user, "Weather?"},
                   {Role::assistant, "", {{"1", "weather", R"({"city":"Bern"})"}, {"2", "bad", "{"}}},
                   {Role::tool, "rain", {}, "1"}},
      .tools = {{"weather", "Weather at a place", Value::object({{"type", "object"}})}}};
  CHECK(caller.offered<Tokenizer>().count_prompt_tokens(request, caller.context()).value() == 3);
  check_golden("lmstudio/template_call.txt",
               base::to_json(studio.parameter_of("applyPromptTemplate"), 2) + "\n");
  request.messages[1].images = {{"image/png", "x"}};
  CHECK(caller.offered<Tokenizer>().count_prompt_tokens(request, caller.context()).error().code ==
        ErrorCode::unsupported);
}

TEST_CASE("models are listed over the WebSocket while the HTTP server is off", "[lmstudio][load]") {
  const SdkStudio studio;
  TestHost host;
  TestCancellation cancellation;
  const CallContext context{cancellation, "1"};
  ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", studio.url().substr(studio.url().rfind(':') + 1).c_str(), 1);
  const auto provider =
      lmstudio::LmStudio::make(
          Value::object({{"base_url", "http://127.0.0.1:" + std::to_string(refused_port())}}), host)
          .value();
  const auto models =
      static_cast<ModelCatalog*>(provider->capability(ModelCatalog::kId))->list_models(context);
  ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", "", 1);
  if (!models) FAIL(models.error().message);
  REQUIRE(models->size() == 2);
  CHECK(models->front().key == kModel);
  CHECK(models->front().state == ModelState::loaded);
  CHECK(models->front().size_bytes.value == 12109566560);
  CHECK(models->front().instances.front().id == "m1");
  CHECK(models->back().kind == ModelKind::embedding);
  CHECK(models->back().state == ModelState::not_loaded);
}
