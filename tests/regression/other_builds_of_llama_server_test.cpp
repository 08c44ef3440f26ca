// SPDX-License-Identifier: MIT
// The help of llama-server was read in the layout of one build: options that stand indented, that have a
// value between their names, or whose values are told below them were not known, so no setting could be
// delivered to ik_llama.cpp or to builds of 2024. A server whose log did not say in one build's words that it
// listens was waited for until start_timeout, and `llama serve` was no llama-server.
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>

#include <sys/stat.h>

#include "llamacpp/effective.hpp"
#include "llamacpp/engine_log.hpp"
#include "llamacpp/load_plan.hpp"
#include "llamacpp/load_progress.hpp"
#include "llamacpp/server_binary.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

std::string recorded_help(const std::string& name) {
  return testing::read_file(std::string(TACHIKOMA_SOURCE_DIR) + "/tests/fixtures/llamacpp/help/" + name +
                            ".txt");
}

ServerBinary build_of(const std::string& name) {
  return {.path = "llama-server", .build = name, .options = read_options(recorded_help(name))};
}

std::string line_for(const LoadSettings& settings, const ServerBinary& binary) {
  const Result<LoadPlan> plan = plan_load(settings, {.layers = 28}, binary);
  if (!plan) return plan.error().message;
  std::string line;
  for (const std::string& word : plan->arguments) line += (line.empty() ? "" : " ") + word;
  return line;
}

EngineLog log_of(std::initializer_list<const char*> lines) {
  EngineLog log;
  for (const char* line : lines) log.add_line(line);
  return log;
}

/// A program that answers --version and --help as told.
std::string program_of(const TempDir& folder, const std::string& name, const std::string& script) {
  const std::string file = folder.write(name, "#!/bin/sh\n" + script);
  ::chmod(file.c_str(), 0755);
  return file;
}

std::string prints(const std::string& help) { return "cat <<'END'\n" + recorded_help(help) + "END\n"; }

}  // namespace

TEST_CASE("A build of 2024, whose options have their values between their names, takes every setting it has",
          "[llamacpp]") {
  const ServerBinary binary = build_of("server_2024");
  CHECK(line_for({.gpu_layers = GpuLayers::exactly(9), .main_gpu = 1, .tensor_split = {3, 1}}, binary) ==
        "--n-gpu-layers 9 --main-gpu 1 --tensor-split 3,1");
  CHECK(line_for({.context_length = 8192, .batch_size = 64, .threads = 4}, binary) ==
        "--ctx-size 8192 --batch-size 64 --threads 4");
  CHECK(line_for({.offload_kqv = false, .flash_attention = FlashAttention::on, .cache_type_k = "q8_0"},
                 binary) == "--no-kv-offload --flash-attn --cache-type-k q8_0");
  CHECK(line_for({.use_mlock = true, .use_mmap = false, .parallel = 2}, binary) ==
        "--mlock --no-mmap --parallel 2");
  CHECK(line_for({.micro_batch_size = 64}, binary) ==
        "this llama-server (server_2024) has no --ubatch-size, so 'micro_batch_size' can't be delivered");
  CHECK(binary.options.at("-t") == "N");
  CHECK(binary.options.at("--rope-scaling") == "{none,linear,yarn}");
  CHECK(binary.options.at("--mlock").empty());
}

TEST_CASE("ik_llama.cpp's options are known, indented and in its own forms", "[llamacpp]") {
  const ServerBinary binary = build_of("ik_llama");
  CHECK(line_for({.gpu_layers = GpuLayers::all()}, binary) == "--n-gpu-layers 999");
  CHECK(line_for({.use_mlock = true, .use_mmap = false}, binary) == "--mlock --no-mmap");
  CHECK(line_for({.flash_attention = FlashAttention::off}, binary) == "--flash-attn off");
  CHECK(line_for({.flash_attention = FlashAttention::automatic}, binary) == "--flash-attn auto");
  CHECK(binary.options.at("--embeddings").empty());
  CHECK(binary.has("--embedding"));
  CHECK(binary.options.at("--cache-type-k-last") == "TYPE,N");
  CHECK(binary.options.at("--lora-scaled") == "FNAME S");
  CHECK(binary.has("--cache-ram-n-min"));
  CHECK(binary.has("--merge-qkv"));
  CHECK(binary.options.at("--grammar") == "GRAMMAR");  // not what goes on with a description
  CHECK_FALSE(binary.has("--model-url"));
}

TEST_CASE("Flash attention that a build has on is turned off in its words", "[llamacpp]") {
  const ServerBinary binary{
      .path = "llama-server",
      .build = "ik",
      .options =
          read_options("  -fa,   --flash-attn             enable Flash Attention\n"
                       "  -no-fa, --no-flash-attn         disable Flash Attention (default: enabled)\n")};
  CHECK(line_for({.flash_attention = FlashAttention::off}, binary) == "--no-flash-attn");
  CHECK(line_for({.flash_attention = FlashAttention::on}, binary) == "--flash-attn");
}

TEST_CASE("Where the words of a value stand in its description, they are found there", "[llamacpp]") {
  const ServerBinary binary = build_of("flash_attn_fa");
  for (const FlashAttention each : {FlashAttention::on, FlashAttention::off, FlashAttention::automatic})
    CHECK(line_for({.flash_attention = each}, binary) == "--flash-attn " + std::string(to_string(each)));
  CHECK(binary.options.at("--n-gpu-layers") == "N");
  CHECK(binary.options.at("--reasoning-format") == "FORMAT");
  CHECK(binary.options.at("--override-tensor") == "<tensor name pattern>=<buffer type>,...");
  CHECK(binary.has("--no-mmap"));
  CHECK(line_for({.offload_kqv = false}, binary) == "--no-kv-offload");
  // without a word of what it may be
  CHECK(
      read_options("-fa,   --flash-attn FA                  set Flash Attention use\n").at("--flash-attn") ==
      "[on|off|auto]");
}

TEST_CASE("Any other way to write options is read as well", "[llamacpp]") {
  const HelpOptions options = read_options(
      "\x1b[1m  --threads\x1b[0m \x1b[36mN\x1b[0m    number of threads\r\n"
      "\t--ctx-size=N\tsize of the context\r\n"
      "  --seed[=SEED]   the seed\n"
      "  --[no-]mmap     map the model\n"
      "  -fmoe or --fused-moe   fuse\n"
      "  -h | --help     help\n"
      "  --mlock force system to keep the model in RAM\n"
      "  --jinja STATE   use templates: true/false\n"
      "- none: nothing\n-1 for all of them\n");
  CHECK(options.at("--threads") == "N");
  CHECK(options.at("--ctx-size") == "N");
  CHECK(options.at("--seed") == "SEED");
  CHECK(options.contains("--mmap"));
  CHECK(options.contains("--no-mmap"));
  CHECK(options.contains("--fused-moe"));
  CHECK(options.contains("--help"));
  CHECK(options.at("--mlock").empty());
  CHECK(options.at("--jinja") == "[true|false]");
  CHECK(options.size() == 11);
}

TEST_CASE("A program is known by its options, wherever and with whatever status it prints them",
          "[llamacpp]") {
  const TempDir folder;
  TestCancellation never;
  const auto probe = [&](const std::string& script) {
    return probe_server(program_of(folder, "program", script), kProbeTime, never);
  };
  const ServerBinary old =
      probe("{ echo \"error: unknown argument: $1\"\n" + prints("server_2024") + "} >&2\nexit 1\n").value();
  CHECK(old.build == kUnknownBuild);
  CHECK(old.has("--n-gpu-layers"));
  CHECK_THAT(line_for({.experts = {}, .extra = Value::object({{"frob", 1}})}, old),
             StartsWith("this llama-server (unknown version) has no --frob"));
  const ServerBinary other =
      probe("[ $1 = --version ] && { echo activating; echo 'Version : v1 (abc)'; } ||\n" + prints("ik_llama"))
          .value();
  CHECK(other.build == "v1 (abc)");
  const Result<ServerBinary> kobold = probe("[ $1 = --version ] && echo 1.99 ||\n" + prints("koboldcpp"));
  REQUIRE_FALSE(kobold);
  CHECK(kobold.error().code == ErrorCode::config_invalid);
  CHECK_THAT(kobold.error().message, ContainsSubstring("is not a llama-server"));
}

TEST_CASE("llama is started as `llama serve`, however it answers other commands", "[llamacpp]") {
  const TempDir folder;
  TestCancellation never;
  const std::string serves = "if [ $1 = serve ]; then [ $2 = --version ] && echo 'version: 9000 (abc)' ||\n" +
                             prints("flash_attn_fa");
  for (const std::string& otherwise :
       {"else\n" + prints("llama") + "fi\n",
        std::string("else echo \"error: unknown command '$1'\" >&2; exit 1; fi\n")}) {
    const std::string file = program_of(folder, "llama", serves + otherwise);
    const ServerBinary binary = probe_server(file, kProbeTime, never).value();
    CHECK(binary.command() == std::vector<std::string>{file, "serve"});
    CHECK(binary.build == "9000 (abc)");
    CHECK(binary.has("--flash-attn"));
  }
}

TEST_CASE("That a server listens is read in the words of every build", "[llamacpp]") {
  for (const char* line :
       {"main: server is listening on http://127.0.0.1:8080 - starting the main loop",
        "main: HTTP server is listening, hostname: 127.0.0.1, port: 8080, http threads: 15",
        "0.01.159.351 I srv  llama_server: listening on http://127.0.0.1:8080",
        "INFO [                    main] HTTP server listening | tid=\"1\" timestamp=1762539577 "
        "n_threads_http=\"15\" port=\"8080\" hostname=\"127.0.0.1\"",
        "{\"level\":\"INFO\",\"msg\":\"HTTP server "
        "listening\",\"hostname\":\"127.0.0.1\",\"port\":\"8080\"}"}) {
    INFO(line);
    const EngineLog log = log_of({line});
    CHECK_FALSE(log.listening_at.empty());
    CHECK(log.may_listen_on(8080));
    CHECK_FALSE(log.may_listen_on(8081));
  }
  for (const char* line : {"starting server", "MCP server listening on http://localhost:3000"})
    CHECK(log_of({line}).listening_at.empty());
  CHECK(log_of({}).may_listen_on(8080));
  CHECK_FALSE(log_of({"main: server is listening on unix:///tmp/x.sock"}).may_listen_on(8080));
  CHECK_FALSE(log_of({"main: server is listening on /tmp/x.sock - starting"}).may_listen_on(8080));
}

TEST_CASE("What older builds and ik_llama.cpp log of a load is in effect as well", "[llamacpp]") {
  const EngineLog log = log_of(
      {"llm_load_tensors: offloaded 29/29 layers to GPU",
       "llm_load_tensors:        CPU buffer size =   100.00 MiB",
       "llm_load_tensors:      CUDA0 buffer size =  1000.00 MiB",
       "llama_new_context_with_model: n_ctx      = 2048", "llama_new_context_with_model: n_batch    = 512",
       "llama_new_context_with_model: n_ubatch   = 128", "llama_new_context_with_model: flash_attn = 1",
       "llama_kv_cache_init:      CUDA0 KV buffer size =   200.00 MiB",
       "llama_new_context_with_model: KV self size  =  200.00 MiB, K (f16):  100.00 "
       "MiB, V (q8_0):  100.00 MiB",
       "llama_new_context_with_model:  CUDA_Host compute buffer size =    24.00 MiB",
       "ERR [              load_model] unable to load model | tid=\"1\""});
  CHECK(log.loading_tensors);
  CHECK(log.context_length == 2048);
  CHECK(log.batch_size == 512);
  CHECK(log.micro_batch_size == 128);
  CHECK(log.flash_attention == true);
  CHECK(log.cache_type_k == "f16");
  CHECK(log.cache_type_v == "q8_0");
  CHECK(log.gpu_bytes() == 1200LL * 1024 * 1024);
  CHECK(log.total_bytes() == 1324LL * 1024 * 1024);  // what the machine's memory has of the GPU's is in RAM
  CHECK(log.failures.size() == 1);
}

TEST_CASE("How far a load is counts what the server took in that a script started", "[llamacpp]") {
  const TempDir folder;
  const std::string file = folder.write("model", std::string(1 << 20, 'm'));
  const auto named = [&](const char* name) { return (folder.path() / name).string(); };
  for (const char* gate : {"go", "leave"}) REQUIRE(::mkfifo(named(gate).c_str(), 0600) == 0);
  // it starts nothing itself: what a program of its own has mapped comes and goes
  const std::string server = ": >" + named("started") + "; read x <" + named("go") +
                             "; while read -r x; do :; done <" + file + "; : >" + named("done") +
                             "; read x <" + named("leave");
  const auto wrapper =
      kit::ChildProcess::start({.argv = {"sh", "-c", "sh -c '" + server + "'; true"}}).value();
  const auto has_said = [&](const char* name) {
    return comes_true(std::chrono::seconds(20), [&] { return std::filesystem::exists(named(name)); });
  };
  REQUIRE(has_said("started"));
  LoadProgress progress(wrapper->pid(), 4 << 20);
  progress.start();
  std::fstream gate(named("go"));  // for both ways, so that it waits for no reader
  gate << "go\n" << std::flush;
  REQUIRE(has_said("done"));
  const std::optional<double> fraction = progress.advance();
  REQUIRE(fraction);
  CHECK(*fraction >= 0.25);
}
