// SPDX-License-Identifier: MIT
#include "config/read_load_settings.hpp"

#include <optional>
#include <string>
#include <type_traits>

#include "base/load_settings.hpp"
#include "config/host_schema.hpp"
#include "config/scalars.hpp"
#include "config/schema_check.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma {
namespace config {
namespace {

GpuLayers read_gpu_layers(const Value& from) {
  if (from.is_integer())
    return from.as_integer() < 0 ? GpuLayers::all() : GpuLayers::exactly(from.as_integer());
  const std::string_view text = from.as_string();
  if (text == "all") return GpuLayers::all();
  if (text == "off") return GpuLayers::none();
  return GpuLayers::share(parse_share(text).value_or(0));
}

SplitMode read_split_mode(const Value& from) {
  for (const auto mode : {SplitMode::row, SplitMode::none})
    if (from.as_string() == to_string(mode)) return mode;
  return SplitMode::layer;
}

FlashAttention read_flash_attention(const Value& from) {
  if (!from.is_bool()) return FlashAttention::automatic;
  return from.as_bool() ? FlashAttention::on : FlashAttention::off;
}

template <class T>
T read(const Value& from) {
  if constexpr (std::is_same_v<T, std::int64_t>)
    return from.as_integer();
  else if constexpr (std::is_same_v<T, double>)
    return from.as_real();
  else if constexpr (std::is_same_v<T, bool>)
    return from.as_bool();
  else if constexpr (std::is_same_v<T, std::string>)
    return std::string(from.as_string());
  else if constexpr (std::is_same_v<T, std::chrono::milliseconds>)
    return std::chrono::milliseconds(from.as_integer());
  else if constexpr (std::is_same_v<T, GpuLayers>)
    return read_gpu_layers(from);
  else if constexpr (std::is_same_v<T, SplitMode>)
    return read_split_mode(from);
  else
    return read_flash_attention(from);
}

}  // namespace

LoadSettings read_load(const Value& checked) {
  LoadSettings settings;
  if (checked.members().empty()) return settings;
  base::for_each_load_field([&](const char* name, auto field) {
    using T = typename std::remove_reference_t<decltype(settings.*field)>::value_type;
    if (const Value* value = checked.find(name)) settings.*field = read<T>(*value);
  });
  for (const Value& share : checked["tensor_split"].elements())
    settings.tensor_split.push_back(share.as_real());
  settings.extra = checked["extra"];
  return settings;
}

}  // namespace config

Result<LoadSettings> read_load_settings(const Value& settings) {
  if (settings.is_null()) return LoadSettings{};
  config::Problems problems("load settings");
  config::Checked checked =
      config::check_schema(config::to_node(settings), config::host_schema_part("load"), {}, problems);
  if (!problems.empty()) return problems.to_error();
  return config::read_load(checked.take_typed());
}

Value to_value(const LoadSettings& settings) { return base::to_value(settings); }

LoadSettings merged(LoadSettings over, const LoadSettings& under) {
  base::for_each_load_field([&](const char*, auto field) {
    if (!(over.*field)) over.*field = under.*field;
  });
  if (over.tensor_split.empty()) over.tensor_split = under.tensor_split;
  for (const Member& member : under.extra.members())
    if (!over.extra.find(member.key)) over.extra.set(member.key, member.value);
  return over;
}

}  // namespace tachikoma
