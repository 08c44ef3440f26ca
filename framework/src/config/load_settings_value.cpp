// SPDX-License-Identifier: MIT
// Load settings as a `load` section would have them: what `read_load_settings` reads.
#include <chrono>
#include <string>

#include "base/json.hpp"
#include "config/load_fields.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma {
namespace {

Value written(std::int64_t number) { return number; }
Value written(double number) { return number; }
Value written(bool flag) { return flag; }
Value written(const std::string& text) { return text; }
Value written(SplitMode mode) { return to_string(mode); }

Value written(FlashAttention flash) {
  return flash == FlashAttention::automatic ? Value("auto") : Value(flash == FlashAttention::on);
}

Value written(const GpuLayers& layers) {
  switch (layers.kind) {
    case GpuLayers::Kind::all: return -1;
    case GpuLayers::Kind::count: return layers.count;
    case GpuLayers::Kind::ratio: break;
  }
  return base::to_json(layers.ratio * 100) + "%";
}

Value written(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 ? std::to_string(count) + "ms" : std::to_string(count / 1000) + "s";
}

}  // namespace

Value to_value(const LoadSettings& settings) {
  Value out = Value::object();
  config::for_each_load_field([&](const char* name, auto field) {
    if (settings.*field) out.set(name, written(*(settings.*field)));
  });
  for (const double share : settings.tensor_split) {
    if (!out.find("tensor_split")) out.set("tensor_split", Value::array());
    out.find("tensor_split")->push_back(share);
  }
  if (!settings.extra.is_null()) out.set("extra", settings.extra);
  return out;
}

}  // namespace tachikoma
