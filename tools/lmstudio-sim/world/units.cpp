// SPDX-License-Identifier: MIT
#include "world/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace lmstudio_sim {
namespace {

constexpr double kMaxExact = 9e15;  // up to which a double counts exactly

// Removes a number from the start of `text`; nothing when there is none, or it is negative.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  return number;
}

template <std::size_t N>
std::optional<std::int64_t> scaled(std::string_view text,
                                   const std::array<std::pair<std::string_view, double>, N>& units) {
  const std::optional<double> number = take_number(text);
  if (!number) return std::nullopt;
  for (const auto& [unit, factor] : units)
    if (text == unit && *number * factor < kMaxExact)
      return static_cast<std::int64_t>(*number * factor + 0.5);
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
  const std::optional<std::int64_t> milliseconds = scaled(text, kUnits);
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds(*milliseconds);
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{{{"", 1},
                                                                              {"B", 1},
                                                                              {"MB", 1e6},
                                                                              {"GB", 1e9},
                                                                              {"TB", 1e12},
                                                                              {"MiB", 1048576.0},
                                                                              {"GiB", 1073741824.0},
                                                                              {"TiB", 1099511627776.0}}};
  return scaled(text, kUnits);
}

double seconds_of(std::chrono::steady_clock::duration time) {
  return std::max(std::chrono::duration<double>(time).count(), 1e-6);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace lmstudio_sim
