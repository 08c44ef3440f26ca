// SPDX-License-Identifier: MIT
// What the llamacpp plugin reads out of a real server's help and log, and how it writes its command line.
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>

#include "llamacpp/effective.hpp"
#include "llamacpp/engine_log.hpp"
#include "llamacpp/load_plan.hpp"
#include "llamacpp/load_progress.hpp"
#include "llamacpp/server_binary.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

EngineLog read_log(const std::string& name) {
  std::istringstream lines(read_file(std::string(TACHIKOMA_SOURCE_DIR) + "/tests/fixtures/llamacpp/" + name));
  EngineLog log;
  for (std::string line; std::getline(lines, line);) log.add_line(line);
  return log;
}

ServerBinary newer() {
  return {.path = "llama-server",
          .build = "new",
          .options = read_options(R"(-t,    --threads N                      number of CPU threads
-c,    --ctx-size N                     size of the prompt context
-b,    --batch-size N                   logical maximum batch size
-ub,   --ubatch-size N                  physical maximum batch size
-fa,   --flash-attn [on|off|auto]       set Flash Attention use
-kvo,  --kv-offload, -nkvo, --no-kv-offload
                                        whether to enable KV cache offloading
-ctk,  --cache-type-k TYPE              KV cache data type for K
-ctv,  --cache-type-v TYPE              KV cache data type for V
-ngl,  --gpu-layers, --n-gpu-layers N   max. number of layers to store in VRAM
-sm,   --split-mode {none,layer,row,tensor}
-ts,   --tensor-split N0,N1,N2,...      fraction of the model
-mg,   --main-gpu INDEX                 the GPU to use
-lm,   --load-mode MODE                 model loading mode (default: auto)
-np,   --parallel N                     number of server slots
-kvu,  --kv-unified, -no-kvu, --no-kv-unified
-s,    --seed SEED                      RNG seed
--override-kv KEY=TYPE:VALUE,...        override model metadata
--embedding, --embeddings               restrict to only support embedding use case
--rope-freq-base N                      RoPE base frequency
--rope-freq-scale N                     RoPE frequency scaling factor
)")};
}

ServerBinary older() {
  return {.path = "llama-server",
          .build = "old",
          .options = read_options(
              R"(-fa,   --flash-attn                     enable Flash Attention (default: disabled)
--mlock                                 force system to keep model in RAM
--no-mmap                               do not memory-map model
-nkvo, --no-kv-offload                  disable KV offload
)")};
}

std::string planned(const LoadSettings& settings, const ServerBinary& binary,
                    const base::GgufModel& model = {.layers = 28}) {
  const Result<LoadPlan> plan = plan_load(settings, model, binary);
  if (!plan) return plan.error().message;
  std::string line;
  for (const std::string& word : plan->arguments) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

TEST_CASE("A server's help is read for its options and what they take") {
  const ServerBinary binary = newer();
  for (const char* option :
       {"-t", "--threads", "-nkvo", "--no-kv-offload", "--n-gpu-layers", "--kv-unified", "--override-kv"})
    CHECK(binary.has(option));
  CHECK_FALSE(binary.has("--mlock"));
  CHECK(binary.takes("--flash-attn", "auto"));
  CHECK(binary.takes("--split-mode", "row"));
  CHECK_FALSE(binary.takes("--split-mode", "ro"));
  CHECK_FALSE(older().takes("--flash-attn", "auto"));
}

TEST_CASE("Every load setting has its place on the command line") {
  CHECK(planned({.context_length = 16384}, newer()) == "--ctx-size 16384");
  CHECK(planned({.gpu_layers = GpuLayers::all()}, newer()) == "--n-gpu-layers 999");
  CHECK(planned({.gpu_layers = GpuLayers::none()}, newer()) == "--n-gpu-layers 0");
  CHECK(planned({.gpu_layers = GpuLayers::exactly(12)}, newer()) == "--n-gpu-layers 12");
  CHECK(planned({.gpu_layers = GpuLayers::share(0.5)}, newer()) == "--n-gpu-layers 15");
  CHECK(planned({.gpu_split_mode = SplitMode::row}, newer()) == "--split-mode row");
  CHECK(planned({.main_gpu = 1, .tensor_split = {0.5, 1.5}}, newer()) ==
        "--main-gpu 1 --tensor-split 0.5,1.5");
  CHECK(planned({.batch_size = 512, .micro_batch_size = 128, .threads = 8}, newer()) ==
        "--batch-size 512 --ubatch-size 128 --threads 8");
  CHECK(planned({.offload_kqv = true}, newer()) == "--kv-offload");
  CHECK(planned({.offload_kqv = false}, newer()) == "--no-kv-offload");
  CHECK(planned({.flash_attention = FlashAttention::automatic}, newer()) == "--flash-attn auto");
  CHECK(planned({.cache_type_k = "q8_0", .cache_type_v = "q4_0"}, newer()) ==
        "--cache-type-k q8_0 --cache-type-v q4_0");
  CHECK(planned({.seed = 42}, newer()) == "--seed 42");
  CHECK(planned({.rope_frequency_base = 1e6, .rope_frequency_scale = 0.5}, newer()) ==
        "--rope-freq-base 1e+06 --rope-freq-scale 0.5");
  CHECK(planned({.parallel = 4}, newer()) == "--parallel 4 --kv-unified");
  CHECK(planned({.experts = 2}, newer(), {.architecture = "qwen3moe", .experts = 128}) ==
        "--override-kv qwen3moe.expert_used_count=int:2");
}

TEST_CASE("A server of an embedding model is told to give vectors, in the words of its build") {
  const base::GgufModel encoder{.architecture = "nomic-bert"};
  CHECK(planned({}, newer(), encoder) == "--embeddings");
  CHECK(planned({}, {.options = read_options("--embedding   restrict to embeddings\n")}, encoder) ==
        "--embedding");
  CHECK(planned({}, newer(), {.architecture = "qwen3", .pooling_type = 3}) == "--embeddings");
  CHECK(planned({}, newer(), {.architecture = "qwen3"}).empty());
  CHECK(planned({}, older(), encoder) ==
        "the model is one for embeddings, and this llama-server (old) has no --embeddings");
}

TEST_CASE("How long an unused model stays is its host's to see to, and no option") {
  const LoadPlan plan = plan_load({.ttl = std::chrono::seconds(5)}, {}, newer()).value();
  CHECK(plan.arguments.empty());
  CHECK(plan.unapplied.empty());
}

TEST_CASE("mlock and mmap are told as the build wants it") {
  CHECK(planned({.use_mlock = true}, newer()) == "--load-mode mmap+mlock");
  CHECK(planned({.use_mlock = true, .use_mmap = false}, newer()) == "--load-mode mlock");
  CHECK(planned({.use_mlock = false, .use_mmap = false}, newer()) == "--load-mode none");
  CHECK(planned({.use_mlock = true, .use_mmap = false}, older()) == "--mlock --no-mmap");
  CHECK(planned({.use_mmap = true, .flash_attention = FlashAttention::on}, older()) == "--flash-attn");
}

TEST_CASE("What a build or a model can't take is refused by name") {
  CHECK(planned({.context_length = 4096}, older()) ==
        "this llama-server (old) has no --ctx-size, so 'context_length' can't be delivered");
  CHECK(planned({.gpu_layers = GpuLayers::share(0.5)}, newer(), {}) ==
        "the model's file does not say how many layers it has, so a share of them can't be computed");
  CHECK(planned({.experts = 2}, newer()) ==
        "the model is not a mixture of experts, so 'experts' can't be set");
  CHECK(planned({.extra = Value::object({{"frobnicate", 1}})}, newer()) ==
        "this llama-server (new) has no --frobnicate, so 'extra.frobnicate' can't be delivered");
}

TEST_CASE("Other options of the server go through extra") {
  CHECK(
      planned({.extra = Value::object(
                   {{"override-kv", "a=int:1"}, {"--kv-unified", true}, {"seed", 7}, {"mlock-not", false}})},
              newer()) ==
      "this llama-server (new) has no --mlock-not, so 'extra.mlock-not' can't be delivered");
  CHECK(planned({.extra = Value::object({{"override-kv", "a=int:1"}, {"--kv-unified", true}, {"seed", 7}})},
                newer()) == "--override-kv a=int:1 --kv-unified --seed 7");
}

TEST_CASE("The log of a load without a GPU tells context, batches, slots and memory") {
  const EngineLog log = read_log("loaded_on_cpu.log");
  CHECK(log.no_gpu);
  CHECK(log.context_length == 2048);
  CHECK(log.batch_size == 256);
  CHECK(log.micro_batch_size == 128);
  CHECK(log.parallel == 2);
  CHECK(log.flash_attention == true);
  CHECK(log.listening_at == "http://127.0.0.1:18088");
  CHECK(log.gpu_bytes() == 0);
  CHECK(log.total_bytes() == 3523214);  // 0.76 + 0.00 + 2.00 + 0.60 MiB
  CHECK(log.failures.empty());
  LoadedModel model;
  read_effective(log, {.context_length = 4096, .gpu_layers = GpuLayers::exactly(3)}, model);
  REQUIRE(model.unapplied.size() == 2);
  CHECK(model.unapplied[0].name == "context_length");
  CHECK(model.unapplied[0].applied == Value(2048));
  CHECK(model.unapplied[1].reason == "llama.cpp found no usable GPU, and ignores it");
}

TEST_CASE("Layers that a build with the RPC backend says to have offloaded to nothing are in RAM") {
  const EngineLog log = read_log("rpc_without_servers.log");
  CHECK_FALSE(log.no_gpu);
  CHECK(log.offloaded_layers == 3);
  CHECK(log.without_gpu());
  CHECK(status_from_log(log, {}).gpu_layers.value == 0);
  LoadedModel model;
  read_effective(log, {.gpu_layers = GpuLayers::all()}, model);
  CHECK(model.applied.gpu_layers == GpuLayers::none());
  REQUIRE(model.unapplied.size() == 1);
  CHECK(model.unapplied.at(0).asked == Value(-1));
  CHECK(model.unapplied.at(0).reason == "llama.cpp found no usable GPU, and ignores it");
}

TEST_CASE("The log tells which settings are in effect, and that memory could not be locked") {
  LoadedModel model;
  read_effective(read_log("settings.log"),
                 {.use_mlock = true, .flash_attention = FlashAttention::on, .cache_type_k = "q8_0"}, model);
  CHECK(model.applied.flash_attention == FlashAttention::on);
  CHECK(model.applied.cache_type_k == "q8_0");
  CHECK(model.applied.cache_type_v == "q4_0");
  CHECK(model.applied.threads == 1);
  CHECK(model.applied.rope_frequency_base == 20000);
  CHECK(model.applied.rope_frequency_scale == 0.5);
  REQUIRE(model.unapplied.size() == 1);
  CHECK(model.unapplied[0].name == "use_mlock");
  CHECK_THAT(model.unapplied[0].reason, ContainsSubstring("ulimit -l"));
}

TEST_CASE("The log of a load onto a GPU tells how many layers went there") {
  const EngineLog log = read_log("gpu.log");
  CHECK(log.offloaded_layers == 29);
  CHECK(log.all_layers == 29);
  CHECK(log.gpu_bytes() == 1224LL * 1024 * 1024);
}

TEST_CASE("Why a load failed is read from the log, each cause with its own code") {
  struct Case {
    const char* file;
    ErrorCode code;
    const char* says;
  };
  for (const Case& each :
       {Case{"cut.log", ErrorCode::invalid_argument, "the file is damaged or not complete"},
        Case{"bad.log", ErrorCode::invalid_argument, "the file is not a GGUF file"},
        Case{"too_large.log", ErrorCode::insufficient_memory, "it does not fit into memory"},
        Case{"port_taken.log", ErrorCode::overloaded, "another program took its port"},
        Case{"rpc_absent.log", ErrorCode::unreachable, "an RPC server can't be reached"},
        Case{"rpc_missing.log", ErrorCode::unsupported,
             "this llama-server was built without the RPC backend"},
        Case{"rpc_address.log", ErrorCode::config_invalid, "an entry of rpc is not of the form host:port"},
        Case{"rpc_rows.log", ErrorCode::unsupported, "a device can't take a model that is split by rows"},
        Case{"cache_type.log", ErrorCode::invalid_argument, "the cache types don't suit the model"}}) {
    INFO(each.file);
    const Error error = read_log(each.file).failure("m", {.exit_code = 1});
    CHECK(error.code == each.code);
    CHECK_THAT(error.message, StartsWith("'m' can't be loaded: " + std::string(each.says)));
  }
  CHECK(read_log("too_large.log").failure("m", {}).detail["required_bytes"].as_integer() == 4096000000);
  CHECK(EngineLog().failure("m", {.signal = 9}).message ==
        "'m' can't be loaded: its llama-server ended with signal 9 (Killed)");
}

TEST_CASE("How far a load is, is what the process took in since it began, and less than one") {
  const TempDir folder;
  const std::string file = folder.write("model", std::string(4 << 20, 'm'));
  LoadProgress quarter(::getpid(), 16 << 20), tiny(::getpid(), 1), nobody(-1, 1 << 20);
  CHECK_FALSE(quarter.advance());  // not begun
  for (LoadProgress* each : {&quarter, &tiny, &nobody}) each->start();
  CHECK(read_file(file).size() == 4 << 20);
  const std::optional<double> first = quarter.advance();
  REQUIRE(first);
  CHECK(*first >= 0.25);
  CHECK(*first < 1);
  CHECK(read_file(file).size() == 4 << 20);
  CHECK(quarter.advance() > first);
  CHECK_FALSE(tiny.advance());
  CHECK_FALSE(nobody.advance());
}
