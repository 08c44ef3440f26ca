// SPDX-License-Identifier: MIT
#include "lmstudio/load_fields.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/load_settings.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/recording_sink.hpp"

using namespace tachikoma;
using namespace tachikoma::lmstudio;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

const LoadTarget kLlm{
    ModelKind::llm, {24, Source::reported, "its file"}, {3, Source::reported, "the survey"}};
const LoadTarget kEmbedding{ModelKind::embedding, {12, Source::reported, "its file"}, {}};
const LoadTarget kUnknown{ModelKind::llm,
                          {0, Source::unknown, "its file is on another machine"},
                          {0, Source::unknown, "the survey lists no GPU"}};

LoadSettings everything() {
  LoadSettings all;
  all.context_length = 16384;
  all.gpu_layers = GpuLayers::share(0.5);
  all.gpu_split_mode = SplitMode::layer;
  all.main_gpu = 1;
  all.batch_size = 512;
  all.micro_batch_size = 256;
  all.threads = 8;
  all.use_mlock = true;
  all.use_mmap = false;
  all.offload_kqv = true;
  all.flash_attention = FlashAttention::on;
  all.cache_type_k = "q8_0";
  all.cache_type_v = "q4_0";
  all.seed = 42;
  all.rope_frequency_base = 10000;
  all.rope_frequency_scale = 0.5;
  all.experts = 4;
  all.parallel = 2;
  all.ttl = 5min;
  all.identifier = "m1";
  all.extra = Value::object({{"llm.load.useUnifiedKvCache", true}});
  return all;
}

std::string fate(const LoadSettings& settings, const LoadTarget& target) {
  if (Status fine = check_load_settings(settings); !fine) return describe(fine.error());
  const Result<LoadFields> written = write_load_fields(settings, target);
  if (!written) return describe(written.error());
  std::string out;
  for (const LoadField& field : written->fields)
    out += "  " + field.key + " = " + base::to_json(field.value) + "\n";
  for (const UnappliedSetting& lost : written->unapplied)
    out += "  without " + lost.name + " " + base::to_json(lost.asked) + ": " + lost.reason + "\n";
  for (const std::string& notice : written->notices) out += "  notice: " + notice + "\n";
  return out.empty() ? "  nothing\n" : out;
}

template <class Set>
LoadSettings with(Set set) {
  LoadSettings settings;
  set(settings);
  return settings;
}

Value effective(const LoadSettings& settings, const LoadTarget& target = kLlm) {
  Value fields = Value::array();
  const LoadFields written = write_load_fields(settings, target).value();
  for (const LoadField& field : written.fields)
    fields.push_back(Value::object({{"key", field.key}, {"value", field.value}}));
  return Value::object({{"fields", fields}});
}

}  // namespace

TEST_CASE("every load setting has its field and its encoding", "[lmstudio][load]") {
  using S = LoadSettings;
  const std::pair<std::string, LoadSettings> cases[] = {
      {"nothing", {}},
      {"everything", everything()},
      {"all layers", with([](S& s) { s.gpu_layers = GpuLayers::all(); })},
      {"no layer", with([](S& s) { s.gpu_layers = GpuLayers::none(); })},
      {"6 of 24 layers", with([](S& s) { s.gpu_layers = GpuLayers::exactly(6); })},
      {"more layers than there are", with([](S& s) { s.gpu_layers = GpuLayers::exactly(99); })},
      {"split by layers", with([](S& s) { s.gpu_split_mode = SplitMode::layer; })},
      {"the main GPU first", with([](S& s) { s.main_gpu = 2; })},
      {"the main GPU alone", with([](S& s) {
         s.gpu_split_mode = SplitMode::none;
         s.main_gpu = 1;
       })},
      {"the first GPU alone", with([](S& s) { s.gpu_split_mode = SplitMode::none; })},
      {"shares", with([](S& s) {
         s.tensor_split = {0.75, 0.25};
       })},
      {"one share", with([](S& s) {
         s.gpu_split_mode = SplitMode::layer;
         s.main_gpu = 0;
         s.tensor_split = {1.0};
       })},
      {"flash attention off", with([](S& s) { s.flash_attention = FlashAttention::off; })},
      {"flash attention left to the server",
       with([](S& s) { s.flash_attention = FlashAttention::automatic; })},
      {"a quantized V cache alone", with([](S& s) { s.cache_type_v = "q8_0"; })},
      {"only what needs no room", with([](S& s) { s.batch_size = 64; })},
      {"automatic placement, explicitly", with([](S& s) {
         s.context_length = 4096;
         s.extra = Value::object({{"llm.load.llama.autoFit", true}});
       })},
      {"experts in RAM", with([](S& s) {
         s.extra = Value::object({{"llm.load.numCpuExpertLayersRatio", 0.5}});
       })},
      {"a context that the host reduces", with([](S& s) {
         s.context_size_reduction = 0.5;
         s.min_context_length = 1024;
       })},
  };
  std::string out;
  for (const auto& [name, settings] : cases) out += name + "\n" + fate(settings, kLlm);
  out += "everything, for an embedding model\n" + fate(everything(), kEmbedding);
  check_golden("lmstudio/load_fields.txt", out);
}

TEST_CASE("load settings that can't be delivered are refused by name", "[lmstudio][load]") {
  using S = LoadSettings;
  const LoadSettings refused[] = {
      with([](S& s) { s.gpu_split_mode = SplitMode::row; }),
      with([](S& s) {
        s.tensor_split = {0.5, 0.5};
        s.main_gpu = 0;
      }),
      with([](S& s) {
        s.tensor_split = {0.5, 0.5};
        s.gpu_split_mode = SplitMode::none;
      }),
      with([](S& s) {
        s.tensor_split = {0.5, -1};
      }),
      with([](S& s) { s.gpu_layers = GpuLayers::exactly(6); }),
      with([](S& s) { s.gpu_layers = GpuLayers::exactly(-6); }),
      with([](S& s) { s.gpu_layers = GpuLayers::share(1.5); }),
      with([](S& s) { s.gpu_split_mode = SplitMode::none; }),
      with([](S& s) { s.cache_type_k = "q9"; }),
      with([](S& s) { s.cache_type_v = "bf16"; }),
      with([](S& s) {
        s.cache_type_v = "q8_0";
        s.flash_attention = FlashAttention::off;
      }),
      with([](S& s) { s.context_length = 0; }),
      with([](S& s) { s.parallel = 1024; }),
      with([](S& s) { s.main_gpu = -1; }),
      with([](S& s) { s.extra = 1; }),
      with([](S& s) {
        s.context_length = 4096;
        s.extra = Value::object({{"llm.load.contextLength", 2048}});
      }),
  };
  std::string out;
  for (const LoadSettings& settings : refused) out += fate(settings, kUnknown) + "\n";
  out += fate(with([](S& s) {
                s.gpu_split_mode = SplitMode::none;
                s.main_gpu = 3;
              }),
              kLlm);
  check_golden("lmstudio/load_refused.txt", out);
}

TEST_CASE("the effective configuration is read back into the settings that made it", "[lmstudio][load]") {
  LoadSettings asked = everything();
  LoadSettings read = read_load_fields(effective(asked));
  asked.ttl.reset();
  asked.identifier.reset();
  asked.extra = {};
  CHECK(read == asked);

  const auto embedding = with([](LoadSettings& s) {
    s.context_length = 2048;
    s.gpu_layers = GpuLayers::none();
    s.batch_size = 64;
    s.use_mlock = s.use_mmap = true;
    s.seed = 1;
    s.rope_frequency_base = 1.5;
  });
  CHECK(read_load_fields(effective(embedding, kEmbedding)) == embedding);
}

TEST_CASE("what is otherwise in effect than asked for is found, whatever form it is told in",
          "[lmstudio][load]") {
  LoadSettings asked;
  asked.context_length = 16384;
  asked.gpu_layers = GpuLayers::all();
  asked.use_mlock = true;
  asked.seed = 42;
  asked.rope_frequency_base = 10000;
  asked.tensor_split = {0.5, 0.5};
  asked.extra = Value::object({{"llm.load.useUnifiedKvCache", true}, {"llm.load.other", 1}});
  const std::vector<LoadField> sent = write_load_fields(asked, kLlm).value().fields;

  // "max" comes back as 1, an integer as a real number, and further fields and members come along
  const Value same = base::parse_json(R"({"fields":[
      {"key":"llm.load.contextLength","value":16384.0},{"key":"llm.load.llama.acceleration.offloadRatio","value":1},
      {"key":"llm.load.llama.keepModelInMemory","value":true},{"key":"llm.load.seed","value":{"value":42,"checked":true,"x":1}},
      {"key":"llm.load.llama.ropeFrequencyBase","value":{"checked":true,"value":10000}},
      {"key":"load.gpuSplitConfig","value":{"strategy":"custom","disabledGpus":[],"priority":[],"customRatio":[0.5,0.5]}},
      {"key":"llm.load.useUnifiedKvCache","value":true},{"key":"llm.load.other","value":1},
      {"key":"llm.load.unasked","value":5}]})")
                         .value();
  CHECK(compare_load_fields(asked, sent, same).empty());

  const Value other = base::parse_json(R"({"fields":[
      {"key":"llm.load.contextLength","value":8192},{"key":"llm.load.llama.acceleration.offloadRatio","value":0.5},
      {"key":"llm.load.seed","value":{"checked":false,"value":42}},
      {"key":"load.gpuSplitConfig","value":{"strategy":"evenly","disabledGpus":[],"priority":[],"customRatio":[]}},
      {"key":"llm.load.useUnifiedKvCache","value":false}]})")
                          .value();
  std::string out;
  for (const UnappliedSetting& lost : compare_load_fields(asked, sent, other))
    out += lost.name + ": asked " + base::to_json(lost.asked) + ", applied " + base::to_json(lost.applied) +
           ": " + lost.reason + "\n";
  check_golden("lmstudio/load_unapplied.txt", out);
}

TEST_CASE("present settings are named as the configuration has them", "[lmstudio][load]") {
  LoadSettings settings = everything();
  settings.tensor_split = {1};
  std::string names;
  for (const std::string& name : present_settings(settings))
    names += name + "=" + base::to_json(base::setting_value(settings, name)) + " ";
  CHECK(
      names ==
      R"(gpu_layers="50.0%" gpu_split_mode="layer" main_gpu=1 tensor_split=[1.0] parallel=2 offload_kqv=true )"
      R"(context_length=16384 rope_frequency_base=10000.0 rope_frequency_scale=0.5 batch_size=512 )"
      R"(micro_batch_size=256 flash_attention=true threads=8 use_mlock=true seed=42 use_mmap=false experts=4 )"
      R"(cache_type_k="q8_0" cache_type_v="q4_0" ttl="300s" identifier="m1" llm.load.useUnifiedKvCache=true )");
}
