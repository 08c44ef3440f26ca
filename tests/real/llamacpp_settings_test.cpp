// SPDX-License-Identifier: MIT
// Load settings on the command line of a real llama.cpp server.
#include <iostream>
#include <string>
#include <vector>

#include "real/launched_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// What follows the option on a command line; "given" when that is another option, or nothing.
std::string value_after(const std::string& line, const std::string& option) {
  const std::size_t at = line.find(" " + option + " ");
  if (at == std::string::npos) return "";
  const std::size_t start = at + option.size() + 2;
  const std::string value = line.substr(start, line.find(' ', start) - start);
  return value.empty() || value.starts_with("--") ? "given" : value;
}

}  // namespace

TEST_CASE("Every load setting of the document reaches a real llama.cpp server, or is refused by name",
          "[real][llamacpp]") {
  const LaunchedWorld world;
  Runtime runtime = world.open();
  struct Row {
    const char* setting;
    LoadSettings settings;
    const char* option;
    const char* given;
  };
  const std::vector<Row> rows{
      {"context_length", {.context_length = 1024}, "--ctx-size", "1024"},
      {"n_gpu_layers: -1", {.gpu_layers = GpuLayers::all()}, "--n-gpu-layers", "999"},
      {"n_gpu_layers: 3", {.gpu_layers = GpuLayers::exactly(3)}, "--n-gpu-layers", "3"},
      {"batch_size", {.batch_size = 256}, "--batch-size", "256"},
      {"threads", {.threads = 1}, "--threads", "1"},
      {"gpu_split_mode: layer", {.gpu_split_mode = SplitMode::layer}, "--split-mode", "layer"},
      {"gpu_split_mode: row", {.gpu_split_mode = SplitMode::row}, "--split-mode", "row"},
      {"main_gpu", {.main_gpu = 0}, "--main-gpu", "0"},
      {"tensor_split", {.tensor_split = {1}}, "--tensor-split", "1"},
      {"offload_kqv", {.offload_kqv = false}, "--no-kv-offload", "given"},
      {"flash_attention", {.flash_attention = FlashAttention::off}, "--flash-attn", "off"},
      {"micro_batch_size", {.micro_batch_size = 64}, "--ubatch-size", "64"},
      {"cache_type_k", {.cache_type_k = "f32"}, "--cache-type-k", "f32"},
      {"seed", {.seed = 7}, "--seed", "7"},
      {"parallel", {.parallel = 2}, "--parallel", "2"},
  };
  std::cout << "setting                  on the command line        not applied\n";
  for (const Row& row : rows) {
    INFO(row.setting);
    const Result<LoadedModel> loaded = runtime.load_model("alpha", row.settings);
    REQUIRE(loaded);
    const std::vector<pid_t> pids = world.servers();
    REQUIRE(pids.size() == 1);
    CHECK(value_after(command_line(pids.front()), row.option) == row.given);
    std::string unapplied;
    for (const UnappliedSetting& each : loaded->unapplied) unapplied += each.name + ": " + each.reason + " ";
    std::cout << row.setting << std::string(25 - std::string(row.setting).size(), ' ') << row.option << ' '
              << row.given << "   " << unapplied << '\n';
    REQUIRE(runtime.unload_model("alpha"));
  }
  const Result<LoadedModel> memory = runtime.load_model("alpha", {.use_mlock = true, .use_mmap = false});
  REQUIRE(memory);
  const std::string line = command_line(world.servers().front());
  CHECK((value_after(line, "--load-mode") == "mlock" ||
         (value_after(line, "--mlock") == "given" && value_after(line, "--no-mmap") == "given")));
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
