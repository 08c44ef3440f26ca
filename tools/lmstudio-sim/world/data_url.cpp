// SPDX-License-Identifier: MIT
#include "world/data_url.hpp"

#include <algorithm>

namespace lmstudio_sim {
namespace {

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

std::optional<std::size_t> decoded_size(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  for (; padding < 2 && base64.ends_with('='); ++padding) base64.remove_suffix(1);
  if (!std::ranges::all_of(base64, is_base64)) return std::nullopt;
  return (base64.size() + padding) / 4 * 3 - padding;
}

std::optional<SeenImage> read_data_url(std::string_view url) {
  static constexpr std::string_view kScheme = "data:", kEncoding = ";base64,";
  const std::size_t encoding = url.find(kEncoding);
  if (!url.starts_with(kScheme) || encoding == std::string_view::npos) return std::nullopt;
  const std::string_view type = url.substr(kScheme.size(), encoding - kScheme.size());
  const auto size = decoded_size(url.substr(encoding + kEncoding.size()));
  if (!type.starts_with("image/") || !size) return std::nullopt;
  return SeenImage{std::string(type), *size};
}

}  // namespace lmstudio_sim
