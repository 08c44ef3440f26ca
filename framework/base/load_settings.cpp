// SPDX-License-Identifier: MIT
#include "base/load_settings.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>
#include <system_error>

#include "base/durations.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"

namespace tachikoma::base {
namespace {

Value written(std::int64_t number) { return number; }
Value written(double number) { return number; }
Value written(bool flag) { return flag; }
Value written(const std::string& text) { return text; }
Value written(SplitMode mode) { return to_string(mode); }

Value written(FlashAttention flash) {
  return flash == FlashAttention::automatic ? Value("auto") : Value(flash == FlashAttention::on);
}

// A short percentage if it reads back as exactly this ratio, else all digits.
std::string percent(double ratio) {
  const std::string rounded = to_json(std::round(ratio * 1e8) / 1e6);
  const std::string as_ratio = rounded + "e-2";
  double read = 0;
  std::from_chars(as_ratio.data(), as_ratio.data() + as_ratio.size(), read);
  if (read == ratio) return rounded + "%";
  std::array<char, 64> digits{};
  const auto [end, failed] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                           static_cast<long double>(ratio) * 100, std::chars_format::fixed);
  return std::string(digits.data(), failed == std::errc() ? end : digits.data()) + "%";
}

Value written(const GpuLayers& layers) {
  switch (layers.kind) {
    case GpuLayers::Kind::all: return -1;
    case GpuLayers::Kind::count: return layers.count;
    case GpuLayers::Kind::ratio: break;
  }
  return percent(layers.ratio);
}

Value written(std::chrono::milliseconds time) { return duration_text(time); }

}  // namespace

Value to_value(const LoadSettings& settings) {
  Value out = Value::object();
  for_each_load_field([&](const char* name, auto field) {
    if (settings.*field) out.set(name, written(*(settings.*field)));
  });
  if (!settings.tensor_split.empty()) out.set("tensor_split", array_of(settings.tensor_split));
  if (!settings.extra.is_null()) out.set("extra", settings.extra);
  return out;
}

Value setting_value(const LoadSettings& settings, std::string_view name) {
  const Value all = to_value(settings);
  const Value* found = name == "extra" ? nullptr : all.find(name);
  return found ? *found : settings.extra[name];
}

}  // namespace tachikoma::base
