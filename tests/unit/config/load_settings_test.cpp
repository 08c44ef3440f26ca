// SPDX-License-Identifier: MIT
#include "base/load_settings.hpp"

#include <random>

#include "support/catch.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/model_management.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

/// Load settings of every kind, each there or not.
class Random {
 public:
  explicit Random(unsigned seed) : source_(seed) {}

  LoadSettings settings() {
    LoadSettings out;
    base::for_each_load_field([&](const char*, auto field) {
      if (number(0, 1)) set(out.*field);
    });
    if (out.context_size_reduction) *out.context_size_reduction = real();
    if (out.cache_type_k) *out.cache_type_k = "q8_0";
    if (out.cache_type_v) *out.cache_type_v = "iq4_nl";
    for (auto left = number(0, 3); left > 0; --left) out.tensor_split.push_back(real());
    if (number(0, 1))
      out.extra = Value::object({{"llm.load.x", Value::object({{"deep", Value::array({1})}})}});
    return out;
  }

 private:
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution(least, most)(source_);
  }
  double real() { return std::uniform_real_distribution(1e-6, 1.0)(source_); }

  void set(std::optional<std::int64_t>& value) { value = number(1, 1'000'000'000'000); }
  void set(std::optional<double>& value) { value = real() * 1e6; }
  void set(std::optional<bool>& value) { value = number(0, 1) == 1; }
  void set(std::optional<std::string>& value) { value = "any: \"text\" " + std::to_string(number(0, 9)); }
  void set(std::optional<SplitMode>& value) { value = static_cast<SplitMode>(number(0, 2)); }
  void set(std::optional<FlashAttention>& value) { value = static_cast<FlashAttention>(number(0, 2)); }
  void set(std::optional<std::chrono::milliseconds>& value) { value = 1ms * number(0, 10'000'000); }
  void set(std::optional<GpuLayers>& value) {
    switch (number(0, 3)) {
      case 0: value = GpuLayers::all(); break;
      case 1: value = GpuLayers::exactly(number(0, 200)); break;
      case 2: value = GpuLayers::share(static_cast<double>(number(0, 100)) / 100); break;
      default: value = GpuLayers::share(real()); break;
    }
  }

  std::mt19937 source_;
};

LoadSettings load_of(const std::string& settings) {
  return check("providers: {lmstudio: {}}\nmodels: {m: {" + settings + "}}\n").value().models.at(0).load;
}

}  // namespace

TEST_CASE("load settings are the same after writing and reading, as a value and as text", "[config]") {
  Random random(GENERATE(range(1u, 200u)));
  const LoadSettings settings = random.settings();
  const Value value = to_value(settings);
  CAPTURE(to_json(value));
  CHECK(read_load_settings(value).value() == settings);
  CHECK(read_load_settings(parse_json(to_json(value)).value()).value() == settings);
  CHECK(load_of("load: " + to_json(value)) == settings);
}

TEST_CASE("one load setting by name has the form that it has among all of them", "[config]") {
  Random random(GENERATE(range(1u, 20u)));
  LoadSettings settings = random.settings();
  settings.extra = Value::object({{"llm.load.x", 1}});
  const Value all = to_value(settings);
  for (const Member& each : all.members())
    if (each.key != "extra") CHECK(base::setting_value(settings, each.key) == each.value);
  CHECK(base::setting_value(settings, "llm.load.x") == Value(1));
  CHECK(base::setting_value(settings, "extra").is_null());
  CHECK(base::setting_value({}, "ttl").is_null());
  CHECK(base::setting_value({.gpu_layers = GpuLayers::share(0.07)}, "gpu_layers") == Value("7.0%"));
}

TEST_CASE("merged load settings have what is over, and beneath it what is under", "[config]") {
  Random random(GENERATE(range(1u, 50u)));
  const LoadSettings over = random.settings();
  const LoadSettings under = random.settings();
  const LoadSettings both = merged(over, under);
  base::for_each_load_field([&](const char* name, auto field) {
    CAPTURE(name);
    CHECK(both.*field == (over.*field ? over.*field : under.*field));
  });
  CHECK(both.tensor_split == (over.tensor_split.empty() ? under.tensor_split : over.tensor_split));
  CHECK(merged(over, LoadSettings{}) == over);
  CHECK(merged(LoadSettings{}, under) == under);
  CHECK(
      merged(LoadSettings{.extra = Value::object({{"a", 1}})}, {.extra = Value::object({{"a", 2}, {"b", 3}})})
          .extra == Value::object({{"a", 1}, {"b", 3}}));
}

TEST_CASE("layers for the GPU are a number, all, off, or a share", "[config]") {
  CHECK(load_of("n_gpu_layers: -1").gpu_layers == GpuLayers::all());
  CHECK(load_of("gpu_layers: all").gpu_layers == GpuLayers::all());
  CHECK(load_of("n_gpu_layers: off").gpu_layers == GpuLayers::none());
  CHECK(load_of("gpu_layers: 12").gpu_layers == GpuLayers::exactly(12));
  CHECK(load_of("gpu_layers: '50%'").gpu_layers == GpuLayers::share(0.5));
  CHECK(load_of("load: {n_gpu_layers: 12.5%}").gpu_layers == GpuLayers::share(0.125));
  CHECK_THAT(fault("providers: {lmstudio: {load: {gpu_layers: 1e1%}}}"), ContainsSubstring("found '1e1%'"));
}

TEST_CASE("seed and ttl mean the inference where they stand flat, and the load under load", "[config]") {
  const ModelConfig model = check(
                                "providers: {lmstudio: {}}\n"
                                "models: {m: {seed: 1, ttl: 1h, extra: {a: 1}, load: {seed: 2, ttl: 2h}}}\n")
                                .value()
                                .models.at(0);
  CHECK(model.inference.seed == 1);
  CHECK(model.inference.ttl == 1h);
  CHECK(model.inference.extra == Value::object({{"a", 1}}));
  CHECK(model.load == LoadSettings{.seed = 2, .ttl = 2h});
}

TEST_CASE("load settings from a program are checked as a file's are", "[config]") {
  CHECK(read_load_settings({}).value() == LoadSettings{});
  CHECK(read_load_settings(Value::object({{"ttl", 1500}, {"n_batch", 64}})).value() ==
        LoadSettings{.batch_size = 64, .ttl = 1500ms});
  const Error error =
      read_load_settings(Value::object({{"threds", 1}, {"tensor_split", Value::array({0, 0})}})).error();
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK(error.message ==
        "load settings: unknown key 'threds'; did you mean 'threads'?\n"
        "load settings: tensor_split: no number in the list is above 0: expected at least one");
}
