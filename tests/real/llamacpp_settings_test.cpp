// SPDX-License-Identifier: MIT
// Every setting on a real llama.cpp server: what it was given, or why it was refused. Printed as one table.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "real/launched_world.hpp"
#include "support/catch.hpp"

#include <tachikoma/json.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Who reads the test's output sees what became of each setting.
class Table {
 public:
  using Row = std::array<std::string, 3>;
  ~Table() {
    std::array<std::size_t, 2> widths{};
    for (const Row& row : rows_)
      for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    for (const Row& row : rows_)
      std::cout << std::left << std::setw(static_cast<int>(widths[0]) + 2) << row[0]
                << std::setw(static_cast<int>(widths[1]) + 2) << row[1] << row[2] << '\n';
  }
  void add(std::string setting, std::string given, std::string remark = {}) {
    rows_.push_back({std::move(setting), std::move(given), std::move(remark)});
  }

 private:
  std::vector<Row> rows_{{"SETTING", "GIVEN TO THE SERVER", "IN EFFECT, OR WHY NOT"}};
};

/// A setting, and where it stands on the command line.
struct Given {
  std::string setting, option, value;
};

std::string remark_on(const std::string& setting, const LoadedModel& model) {
  const std::string name = setting.substr(0, setting.find(':'));
  for (const UnappliedSetting& each : model.unapplied)
    if (each.name == name) return "not applied: " + each.reason;
  const Value applied = to_value(model)["applied"][name];
  return applied.is_null() ? "" : "the log says " + to_json(applied);
}

LoadedModel check_load(const LaunchedWorld& world, Runtime& runtime, const std::string& model,
                       const LoadSettings& settings, const std::vector<Given>& all, Table& table) {
  const Result<LoadedModel> loaded = runtime.load_model(model, settings);
  INFO((loaded ? std::string() : loaded.error().message));
  REQUIRE(loaded);
  const std::vector<pid_t> pids = world.servers();
  REQUIRE(pids.size() == 1);
  const std::string line = command_line(pids.front());
  for (const Given& each : all) {
    INFO(each.setting);
    CHECK(value_after(line, each.option) == each.value);
    table.add(each.setting, each.option + (each.value == "given" ? "" : " " + each.value),
              remark_on(each.setting, *loaded));
  }
  REQUIRE(runtime.unload_model(loaded->instance));
  return *loaded;
}

void check_refusal(std::string setting, const Error& error, ErrorCode code, Table& table) {
  INFO(setting);
  CHECK(error.code == code);
  table.add(std::move(setting), "nothing", "refused: " + error.message);
}

// The server keeps single precision.
std::string in_short(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

void check_sampling(const LaunchedWorld& world, Runtime& runtime, const GenerationSettings& settings,
                    const std::map<std::string, double>& all, Table& table) {
  REQUIRE(runtime.generate_text({.messages = {user("Hello")}, .settings = settings}));
  const Value taken = last_sampling(world.servers().at(0));
  for (const auto& [name, value] : all) {
    INFO(name);
    REQUIRE(taken[name].is_number());
    CHECK(taken[name].as_real() == Approx(value));
    table.add(name + ": " + in_short(value), "in the request",
              "/slots says " + in_short(taken[name].as_real()));
  }
}

void check_stop_sequence(Runtime& runtime, Table& table) {
  TextRequest request{.messages = {user("Hello")},
                      .settings = {.extra = Value::object({{"grammar", R"(root ::= "one two three")"}})}};
  CHECK(runtime.generate_text(request).value().text == "one two three");
  request.settings.stop_sequences = {" two"};
  const Reply cut = runtime.generate_text(request).value();
  CHECK(cut.finish == Finish::stop);
  CHECK(cut.text == "one");
  table.add("stop_sequences: " + request.settings.stop_sequences[0], "in the request",
            "the answer ends before it");
}

/// A llama-server behind some lines of a shell script.
std::string limited_server(const LaunchedWorld& world, const std::string& lines) {
  const std::string server = std::getenv("LLAMA_SERVER");
  const std::string script = world.folder.write(
      "limited", "#!/bin/sh\nserver='" + server + "'\n" + lines + "exec \"$server\" \"$@\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  return script;
}

void check_smaller_context(const LaunchedWorld& world, Table& table) {
  const LaunchedWorld small({{"alpha"}}, limited_server(world, "ulimit -v 3000000\n"));
  Runtime runtime = small.open();
  check_load(small, runtime, "alpha",
             {.context_length = 8'000'000,
              .context_size_reduction = 0.001,
              .extra = Value::object({{"fit", "off"}})},
             {{"context_size_reduction: 0.001", "--ctx-size", "7936"}}, table);
}

// Root may lock as much as it likes, unless it gives that up.
void check_lock_that_fails(const LaunchedWorld& world, Table& table) {
  const LaunchedWorld limited(
      {{"alpha"}}, limited_server(world,
                                  "ulimit -l 64\nsetpriv --bounding-set -ipc_lock true 2>/dev/null && "
                                  "exec setpriv --bounding-set -ipc_lock \"$server\" \"$@\"\n"));
  Runtime runtime = limited.open();
  const LoadedModel loaded = runtime.load_model("alpha", {.use_mlock = true}).value();
  REQUIRE(loaded.unapplied.size() == 1);
  CHECK(loaded.unapplied[0].name == "use_mlock");
  table.add("use_mlock: true, of at most 64 KiB", "--load-mode mmap+mlock", remark_on("use_mlock", loaded));
}

void check_server_keys(const LaunchedWorld& world, Table& table) {
  for (const std::string setting : {"host: localhost", "port: 1234", "cors: true"}) {
    const std::string config =
        world.folder.write("server.yaml", "providers: {local: {plugin: llamacpp, " + setting + "}}\n");
    const auto runtime = Runtime::open(config, [](Severity, std::string_view, std::string_view) {});
    REQUIRE_FALSE(runtime);
    check_refusal(setting, runtime.error(), ErrorCode::config_invalid, table);
  }
}

void check_load_settings(const LaunchedWorld& world, Runtime& runtime, Table& table) {
  const LoadedModel loaded = check_load(world, runtime, "wide",
                                        {.context_length = 1024,
                                         .gpu_layers = GpuLayers::all(),
                                         .gpu_split_mode = SplitMode::layer,
                                         .main_gpu = 0,
                                         .tensor_split = {1},
                                         .batch_size = 256,
                                         .micro_batch_size = 64,
                                         .threads = 1,
                                         .use_mlock = true,
                                         .use_mmap = true,
                                         .offload_kqv = true,
                                         .flash_attention = FlashAttention::on,
                                         .cache_type_k = "q8_0",
                                         .cache_type_v = "q4_0",
                                         .seed = 7,
                                         .rope_frequency_base = 20000,
                                         .rope_frequency_scale = 0.5,
                                         .parallel = 2,
                                         .ttl = 1h,
                                         .identifier = "mine",
                                         .extra = Value::object({{"keep", 16}, {"no-warmup", true}})},
                                        {{"context_length: 1024", "--ctx-size", "1024"},
                                         {"gpu_layers: -1", "--n-gpu-layers", "999"},
                                         {"gpu_split_mode: layer", "--split-mode", "layer"},
                                         {"main_gpu: 0", "--main-gpu", "0"},
                                         {"tensor_split: [1]", "--tensor-split", "1"},
                                         {"batch_size: 256", "--batch-size", "256"},
                                         {"micro_batch_size: 64", "--ubatch-size", "64"},
                                         {"threads: 1", "--threads", "1"},
                                         {"use_mlock: true", "--load-mode", "mmap+mlock"},
                                         {"use_mmap: true", "--load-mode", "mmap+mlock"},
                                         {"offload_kqv: true", "--kv-offload", "given"},
                                         {"flash_attention: true", "--flash-attn", "on"},
                                         {"cache_type_k: q8_0", "--cache-type-k", "q8_0"},
                                         {"cache_type_v: q4_0", "--cache-type-v", "q4_0"},
                                         {"seed: 7", "--seed", "7"},
                                         {"rope_frequency_base: 20000", "--rope-freq-base", "20000"},
                                         {"rope_frequency_scale: 0.5", "--rope-freq-scale", "0.5"},
                                         {"parallel: 2", "--parallel", "2"},
                                         {"identifier: mine", "--alias", "mine"},
                                         {"extra: {keep: 16}", "--keep", "16"},
                                         {"extra: {no-warmup: true}", "--no-warmup", "given"}},
                                        table);
  CHECK(loaded.applied.ttl == 1h);
  table.add("ttl: 1h", "nothing", "the plugin unloads it");
}

void check_other_load_settings(const LaunchedWorld& world, Runtime& runtime, Table& table) {
  check_load(world, runtime, "alpha",
             {.gpu_layers = GpuLayers::exactly(3),
              .gpu_split_mode = SplitMode::row,
              .use_mlock = false,
              .use_mmap = false,
              .offload_kqv = false,
              .flash_attention = FlashAttention::off},
             {{"gpu_layers: 3", "--n-gpu-layers", "3"},
              {"gpu_split_mode: row", "--split-mode", "row"},
              {"use_mmap: false", "--load-mode", "none"},
              {"offload_kqv: false", "--no-kv-offload", "given"},
              {"flash_attention: false", "--flash-attn", "off"}},
             table);
  check_load(world, runtime, "mixture",
             {.gpu_layers = GpuLayers::share(0.67),
              .gpu_split_mode = SplitMode::none,
              .use_mlock = true,
              .use_mmap = false,
              .flash_attention = FlashAttention::automatic,
              .experts = 3},
             {{"gpu_layers: 67%", "--n-gpu-layers", "2"},
              {"gpu_split_mode: none", "--split-mode", "none"},
              {"use_mlock: true, use_mmap: false", "--load-mode", "mlock"},
              {"flash_attention: auto", "--flash-attn", "auto"},
              {"experts: 3", "--override-kv", "llama.expert_used_count=int:3"}},
             table);
  check_load(world, runtime, "vectors", {}, {{"an embedding model", "--embeddings", "given"}}, table);
}

void check_sampling_settings(const LaunchedWorld& world, Runtime& runtime, Table& table) {
  check_sampling(world, runtime,
                 {.max_tokens = 9,
                  .temperature = 0.7,
                  .top_p = 0.9,
                  .top_k = 30,
                  .min_p = 0.02,
                  .repeat_penalty = 1.1,
                  .presence_penalty = 0.25,
                  .frequency_penalty = 0.5,
                  .seed = 42},
                 {{"max_tokens", 9},
                  {"temperature", 0.7},
                  {"top_p", 0.9},
                  {"top_k", 30},
                  {"min_p", 0.02},
                  {"repeat_penalty", 1.1},
                  {"presence_penalty", 0.25},
                  {"frequency_penalty", 0.5},
                  {"seed", 42}},
                 table);
  for (const std::int64_t version : {1, 2})
    check_sampling(
        world, runtime,
        {.mirostat = version, .extra = Value::object({{"mirostat_tau", 4.5}, {"mirostat_eta", 0.2}})},
        {{"mirostat", version}, {"mirostat_tau", 4.5}, {"mirostat_eta", 0.2}}, table);
}

}  // namespace

TEST_CASE("Every setting of the document reaches a real llama.cpp server, or is refused with a reason",
          "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"},
                             {"wide", {"--width", "128"}},
                             {"mixture", {"--experts", "4"}},
                             {"vectors", {"--embedding"}}});
  Runtime runtime = world.open();
  Table table;
  check_load_settings(world, runtime, table);
  check_other_load_settings(world, runtime, table);
  check_smaller_context(world, table);
  check_lock_that_fails(world, table);
  check_refusal("experts: 3, of a dense model", runtime.load_model("alpha", {.experts = 3}).error(),
                ErrorCode::invalid_argument, table);
  check_refusal("extra: {frobnicate: 1}",
                runtime.load_model("alpha", {.extra = Value::object({{"frobnicate", 1}})}).error(),
                ErrorCode::unsupported, table);
  check_server_keys(world, table);
  check_sampling_settings(world, runtime, table);
  check_stop_sequence(runtime, table);
  check_refusal(
      "draft_model: beta",
      runtime.generate_text({.messages = {user("Hello")}, .settings = {.draft_model = "beta"}}).error(),
      ErrorCode::unsupported, table);
}

TEST_CASE("A model that a request loads has the load settings of the configuration", "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"}});
  const std::string config = world.folder.write(
      "alias.yaml",
      world.text + "models: {chat: {provider: local, key: alpha, context_length: 768, threads: 1}}\n");
  Runtime runtime = Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
  const Reply reply = runtime.generate_text({.model = "chat", .messages = {user("Hello")}}).value();
  for (const std::string& notice : reply.notices) CHECK_THAT(notice, !ContainsSubstring("load settings"));
  const std::string line = command_line(world.servers().at(0));
  CHECK(value_after(line, "--ctx-size") == "768");
  CHECK(value_after(line, "--threads") == "1");
}
