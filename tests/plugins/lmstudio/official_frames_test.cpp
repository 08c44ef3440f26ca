// SPDX-License-Identifier: MIT
// The plugin sends over LM Studio's WebSockets what LM Studio's own SDK sends for the same calls.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "plugins/lmstudio/sdk_studio.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

// A number is the same whether it is written 1 or 1.0, and a configuration whatever its fields' order.
Value in_one_form(const Value& value) {
  if (value.kind() == Value::Kind::real && std::nearbyint(value.as_real()) == value.as_real())
    return static_cast<std::int64_t>(value.as_real());
  if (value.is_array()) {
    Value::Array all;
    for (const Value& each : value.elements()) all.push_back(in_one_form(each));
    const bool fields = !all.empty() && all.front().find("key");
    if (fields)
      std::sort(all.begin(), all.end(),
                [](const Value& a, const Value& b) { return a["key"].as_string() < b["key"].as_string(); });
    return all;
  }
  if (!value.is_object()) return value;
  Value::Object members;
  for (const Member& each : value.members()) members.push_back({each.key, in_one_form(each.value)});
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  return members;
}

// Without what every client chooses for itself.
std::string comparable(Value frame) {
  frame.erase("callId");
  frame.erase("channelId");
  if (frame["clientIdentifier"].as_string().starts_with("guest:")) {
    frame.set("clientIdentifier", "guest:");
    frame.set("clientPasskey", "");
  }
  return base::to_json(in_one_form(frame));
}

std::vector<std::string> official_frames(std::string_view call) {
  std::istringstream lines(read_file(TACHIKOMA_SOURCE_DIR "/tests/fixtures/lmstudio/sdk-frames.jsonl"));
  std::vector<std::string> frames;
  for (std::string line; std::getline(lines, line);) {
    const Value recorded = base::parse_json(line).value();
    if (recorded["call"].as_string() == call)
      frames.push_back(std::string(recorded["socket"].as_string()) + " " + comparable(recorded["frame"]));
  }
  return frames;
}

void check_frames(std::string_view call, const SdkStudio& studio) {
  std::vector<std::string> sent;
  for (const SdkStudio::Frame& each : studio.frames())
    sent.push_back(each.socket + " " + comparable(each.frame));
  const std::vector<std::string> expected = official_frames(call);
  REQUIRE_FALSE(expected.empty());
  for (const std::string& frame : expected) {
    std::string all;
    for (const std::string& each : sent) all += each + "\n";
    INFO(call << ": the SDK sends\n" << frame << "\nthe plugin sent\n" << all);
    CHECK(std::find(sent.begin(), sent.end(), frame) != sent.end());
  }
}

// What LM Studio's own SDK has further settings for.
LoadSettings full_config() {
  LoadSettings all;
  all.identifier = "m1";
  all.ttl = 5min;
  all.gpu_split_mode = SplitMode::none;
  all.main_gpu = 0;
  all.gpu_layers = GpuLayers::all();
  all.parallel = 2;
  all.offload_kqv = true;
  all.context_length = 16384;
  all.rope_frequency_base = 10000;
  all.batch_size = all.micro_batch_size = 512;
  all.flash_attention = FlashAttention::on;
  all.use_mlock = all.use_mmap = true;
  all.seed = 42;
  all.experts = 4;
  all.cache_type_k = "q8_0";
  all.extra =
      base::parse_json(R"({"load.gpuStrictVramCap":false,"llm.load.numCpuExpertLayersRatio":"off",)"
                       R"("llm.load.useUnifiedKvCache":true,"llm.load.llama.contextCheckpoints":32,)"
                       R"("llm.load.llama.useFp16ForKVCache":true,"llm.load.llama.tryDirectIO":false,)"
                       R"("llm.load.llama.ropeFrequencyScale":{"checked":false,"value":0},)"
                       R"("llm.load.llama.vCacheQuantizationType":{"checked":false,"value":"f16"}})")
          .value();
  return all;
}

LoadSettings embedding_config() {
  LoadSettings settings;
  settings.gpu_split_mode = SplitMode::layer;
  settings.context_length = 2048;
  settings.use_mlock = settings.use_mmap = true;
  return settings;
}

class OneLine final : public ServerLogSink {
 public:
  Flow on_line(Severity, std::string_view) override { return Flow::stop; }
};

constexpr char kNamed[] = "openai/gpt-oss-20b";

}  // namespace

TEST_CASE("loads are sent as LM Studio's own SDK sends them", "[lmstudio][frames]") {
  const auto load = [](std::string_view call, const std::string& key, const LoadSettings& settings) {
    const SdkStudio studio;
    StudioCaller caller(studio.url());
    REQUIRE(caller.load(key, settings));
    check_frames(call, studio);
    check_frames("system.version", studio);
    check_frames("system.listDownloadedModels", studio);
    if (key == kNamed) check_frames("llm.getLoadConfig", studio);
  };
  LoadSettings half;
  half.gpu_layers = GpuLayers::share(0.5);
  half.identifier = "m2";
  load("llm.load(full config)", kNamed, full_config());
  load("llm.load(partial gpu ratio 0.5)", kNamed, half);
  load("embedding.load+embed", "text-embedding-nomic-embed-text-v1.5", embedding_config());
  load("llm.load(unknown model)", "nope", {});
  load("llm.load(insufficient resources)", "huge", {});
}

TEST_CASE("a cancelled load is sent as LM Studio's own SDK sends it", "[lmstudio][frames]") {
  SdkStudio studio;
  studio.tell("loadModel", {base::parse_json(R"({"type":"progress","progress":0.1})").value()}, true);
  StudioCaller caller(studio.url());
  caller.on_message = Flow::stop;
  CHECK(caller.load(kNamed).error().code == ErrorCode::cancelled);
  check_frames("llm.load(cancelled)", studio);
}

TEST_CASE("models are inspected and unloaded with the frames of LM Studio's own SDK", "[lmstudio][frames]") {
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  REQUIRE(caller.manager().loaded(caller.context()));
  check_frames("llm.listLoaded(empty)", studio);
  check_frames("llm.getLoadConfig", studio);
  check_frames("llm.getInstanceProcessingState", studio);
  LoadSettings settings;
  settings.gpu_layers = GpuLayers::all();
  settings.context_length = 16384;
  REQUIRE(caller.manager().estimate({kNamed, settings}, caller.context()));
  check_frames("llm.estimateResourcesUsage", studio);
  REQUIRE(caller.manager().unload("ghost", caller.context()));
  check_frames("llm.unload(unknown identifier)", studio);
}

TEST_CASE("tokens are counted with the frames of LM Studio's own SDK", "[lmstudio][frames]") {
  const SdkStudio studio;
  StudioCaller caller(studio.url());
  auto& tokenizer = caller.offered<Tokenizer>();
  CHECK(tokenizer.count_text_tokens("ghost", "abc", caller.context()).value() == 3);
  CHECK(tokenizer.count_prompt_tokens({.model = "m1", .messages = {{Role::user, "hi"}}}, caller.context())
            .value() == 3);
  check_frames("llm.dynamicHandle.getModelInfo(missing)", studio);
  check_frames("llm.countTokens", studio);
  check_frames("llm.applyPromptTemplate", studio);
}

TEST_CASE("the log is followed, and an API token is shown, as LM Studio's own SDK does",
          "[lmstudio][frames]") {
  SdkStudio studio;
  studio.tell(
      "streamLogs",
      {base::parse_json(R"({"type":"log","log":{"timestamp":1760000000000,"data":{"type":"server.log",)"
                        R"("level":"info","content":"Server started."}}})")
           .value()},
      true);
  StudioCaller caller(studio.url());
  OneLine sink;
  (void)caller.offered<ServerLog>().follow(sink, caller.context());
  check_frames("diagnostics.streamLogs", studio);

  const SdkStudio locked;
  StudioCaller with_token(locked.url(), "sk-lm-abcdEFGH:abcdefghij0123456789");
  REQUIRE(with_token.manager().loaded(with_token.context()));
  check_frames("auth with apiToken", locked);
}
