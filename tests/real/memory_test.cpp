// SPDX-License-Identifier: MIT
// The memory that a load is estimated to take is what a real server takes.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/gguf.hpp"
#include "base/gguf_memory.hpp"
#include "real/hollow_model.hpp"
#include "real/launched_world.hpp"
#include "real/rpc_server.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Case {
  std::string name;
  HollowModel model = {};
  LoadSettings settings = {};
};

LoadSettings of_context(std::int64_t tokens) { return {.context_length = tokens}; }

LoadSettings of_types(const char* key, const char* value) {
  return {.cache_type_k = key, .cache_type_v = value};
}

std::vector<Case> cases() {
  const HollowModel narrow{.layers = 2, .width = 64}, large{.layers = 4,
                                                            .width = 2048,
                                                            .heads = 16,
                                                            .kv_heads = 4,
                                                            .feed_forward = 7168,
                                                            .vocabulary = 32000,
                                                            .weights = kQ8_0};
  return {
      {"llama", {}},
      {"one layer", {.layers = 1}},
      {"two layers, narrow", narrow, of_context(8192)},
      {"many layers", {.layers = 40, .width = 128}, of_context(2048)},
      {"grouped heads", {.heads = 16, .kv_heads = 2}},
      {"long heads", {.kv_heads = 1, .feed_forward = 128, .head_length = 256}},
      {"large, q8_0", large, {.context_length = 16384, .parallel = 1}},
      {"quantized, tied", {.vocabulary = 3000, .tied = true, .weights = kQ4_0}},
      {"long vocabulary", {.vocabulary = 60000}, {.context_length = 512, .parallel = 32}},
      {"context not a multiple", {}, of_context(1000)},
      {"cache of q8_0", {}, of_types("q8_0", "q8_0")},
      {"cache of q4_0 and q5_1", {}, of_types("q4_0", "q5_1")},
      {"cache of f32", {}, of_types("f32", "f32")},
      {"without flash attention", {.heads = 8}, {.flash_attention = FlashAttention::off}},
      {"small batches", {}, {.batch_size = 256, .micro_batch_size = 128, .parallel = 2}},
      {"large micro batch", {}, {.batch_size = 2048, .micro_batch_size = 2048}},
      {"gate in one matrix", {.architecture = "phi3", .kv_heads = 2, .feed_forward = 1024}},
      {"mixture of experts", {.feed_forward = 384, .experts = 8, .experts_used = 4}},
      {"every second layer slides", {.architecture = "gemma2", .context = 16384}},
      {"five of six layers slide",
       {.architecture = "gemma3", .layers = 12, .context = 16384},
       {.context_length = 16384, .micro_batch_size = 128, .parallel = 1}},
      {"sliding experts",
       {.architecture = "gpt-oss", .context = 16384, .experts = 8, .experts_used = 4, .window = 128}},
      {"compressed keys", {.architecture = "deepseek2", .heads = 16, .latent = 512, .rotated = 64}},
      {"mamba", {.architecture = "mamba", .state = 64}},
      {"mamba 2", {.architecture = "mamba2", .inner = 1024}, {.parallel = 8}},
      {"hybrid of mamba", {.architecture = "jamba", .context = 16384, .state = 64}},
      {"hybrid of convolutions", {.architecture = "lfm2", .context = 16384}},
      {"embedding", {.architecture = "bert", .feed_forward = 1024, .context = 2048}},
  };
}

// What the engine's log says, in bytes.
struct Buffers {
  double model = 0, context = 0, compute = 0, output = 0;
  int count = 0;
};

Buffers buffers_of(const ModelStatus& status, bool on_rpc = false) {
  Buffers sum;
  for (const Value& buffer : status.extra["buffers"].elements()) {
    if (buffer["device"].as_string().starts_with("RPC") != on_rpc) continue;
    const std::string_view purpose = buffer["purpose"].as_string();
    double& into = purpose == "model"     ? sum.model
                   : purpose == "compute" ? sum.compute
                   : purpose == "output"  ? sum.output
                                          : sum.context;  // "KV", "RS"
    into += static_cast<double>(buffer["bytes"].as_integer());
    ++sum.count;
  }
  return sum;
}

// The log has hundredths of a MiB, of each buffer.
double rounding(const Buffers& real) { return 0.005 * 1024 * 1024 * real.count; }

void check_within_two_percent(const Sourced<std::int64_t>& estimated, double real, double rounding) {
  CHECK(estimated.source == Source::estimated);
  CHECK(std::abs(static_cast<double>(estimated.value) - real) <= std::max(0.02 * real, rounding));
}

void check_range(const Sourced<std::int64_t>& low, const Sourced<std::int64_t>& high, double real,
                 double rounding) {
  CHECK(static_cast<double>(low.value) <= real + rounding);
  CHECK(static_cast<double>(high.value) >= real - rounding);
  CHECK(high.value <= 2 * low.value);
}

double mib(double bytes) { return bytes / (1 << 20); }
double mib(const Sourced<std::int64_t>& bytes) { return mib(static_cast<double>(bytes.value)); }

void print_heading() {
  std::cout << "MiB, as estimated and as llama-server reports it\n"
            << std::left << std::setw(28) << "model" << std::right << std::setw(20) << "weights"
            << std::setw(20) << "context" << std::setw(32) << "computing" << '\n';
}

void print(const std::string& name, const MemoryEstimate& estimate, const Buffers& real) {
  const auto pair = [](double estimated, double reported) {
    std::cout << std::setw(10) << estimated << std::setw(10) << reported;
  };
  std::cout << std::left << std::setw(28) << name << std::right << std::fixed << std::setprecision(2);
  pair(mib(estimate.model_bytes), mib(real.model));
  pair(mib(estimate.context_bytes), mib(real.context));
  std::cout << std::setw(10) << mib(estimate.compute_min_bytes) << " to" << std::setw(9)
            << mib(estimate.compute_max_bytes) << std::setw(10) << mib(real.compute) << std::endl;
}

}  // namespace

TEST_CASE("The memory of a load is estimated as a real server then takes it", "[real][llamacpp][memory]") {
  const LaunchedWorld world(std::vector<TinyModel>{});
  Runtime runtime = world.open();
  print_heading();
  for (const Case& each : cases()) {
    CAPTURE(each.name);
    each.model.write(world.file("alpha"));
    LoadSettings settings = each.settings;
    settings.gpu_layers = GpuLayers::none();
    const MemoryEstimate estimate = runtime.estimate_load("alpha", settings).value();
    CHECK(estimate.confidence == "high");
    settings.extra = Value::object({{"no-warmup", true}});
    REQUIRE(runtime.load_model("alpha", settings));
    const Buffers real = buffers_of(runtime.model_status("alpha").value());
    REQUIRE(runtime.unload_model("alpha"));
    print(each.name, estimate, real);
    check_within_two_percent(estimate.model_bytes, real.model, rounding(real));
    check_within_two_percent(estimate.context_bytes, real.context, rounding(real));
    check_range(estimate.compute_min_bytes, estimate.compute_max_bytes, real.compute, rounding(real));
    CHECK(static_cast<double>(estimate.total_bytes.value) >=
          real.model + real.context + real.compute - rounding(real));
  }
}

// RPC servers are devices to llama.cpp, as GPUs are.
TEST_CASE("The memory of layers that lie elsewhere is estimated for both places",
          "[real][llamacpp][memory]") {
  if (!RpcServer::is_installed()) return;
  const RpcServer device;
  const LaunchedWorld world(std::vector<TinyModel>{});
  Runtime runtime = open_with_rpc(world, "'" + device.address() + "'");
  const std::vector<HollowModel> models{{.vocabulary = 3000},
                                        {.vocabulary = 3000, .tied = true},
                                        {.architecture = "gemma3", .context = 8192},
                                        {.architecture = "jamba"}};
  for (const HollowModel& shape : models)
    for (const std::int64_t layers : {0, 1, 2, 4, 8, 9}) {
      CAPTURE(shape.architecture, shape.tied, layers);
      shape.write(world.file("alpha"));
      REQUIRE(runtime.load_model("alpha", {.gpu_layers = GpuLayers::exactly(layers),
                                           .extra = Value::object({{"no-warmup", true}})}));
      const ModelStatus status = runtime.model_status("alpha").value();
      REQUIRE(runtime.unload_model("alpha"));
      const base::GgufMemory memory =
          base::estimate_memory(base::read_gguf_file(world.file("alpha")).value(), {.gpu_layers = layers});
      for (const bool there : {false, true}) {
        CAPTURE(there);
        const auto side = there ? &base::SplitBytes::gpu : &base::SplitBytes::ram;
        const Buffers real = buffers_of(status, there);
        check_within_two_percent(memory.weights.*side, real.model, rounding(real));
        Sourced<std::int64_t> context = memory.cache.*side;
        context.value += (memory.state.*side).value;
        check_within_two_percent(context, real.context, rounding(real));
        check_range(memory.compute_min.*side, memory.compute_max.*side, real.compute, rounding(real));
      }
    }
}

TEST_CASE("The memory of a projector is estimated as a real server reports it", "[real][llamacpp][memory]") {
  const LaunchedWorld world(std::vector<TinyModel>{});
  HollowModel().write(world.file("alpha"));
  write_hollow_projector(world.file("mmproj-alpha"), HollowModel().width);
  std::mutex mutex;
  std::string log;
  Runtime runtime = world.open({.log = [&](Severity, std::string_view, std::string_view text) {
    const std::lock_guard lock(mutex);
    log.append(text).append("\n");
  }});
  const MemoryEstimate estimate = runtime.estimate_load("alpha", {}).value();
  REQUIRE_NOTHROW(runtime.load_model("alpha").value());
  REQUIRE(runtime.unload_model("alpha"));
  const std::lock_guard lock(mutex);
  INFO(log);
  constexpr std::string_view kSize = "load_hparams: model size:";
  const std::size_t at = log.find(kSize);
  REQUIRE(at != std::string::npos);
  const double reported = std::stod(log.substr(at + kSize.size(), 20));
  CHECK(mib(estimate.projector_bytes) == Approx(reported).epsilon(0.02));
  CHECK(mib(estimate.projector_bytes) > 1);
}
