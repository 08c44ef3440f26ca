// SPDX-License-Identifier: MIT
#include "config/scalars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "tachikoma/model_selector.hpp"

namespace tachikoma::config {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: the last exact integer of a double
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

using Unit = std::pair<std::string_view, std::int64_t>;

constexpr std::array<Unit, 5> kDurations{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 9> kSizes{{{"B", 1},
                                      {"kB", 1000},
                                      {"KB", 1000},
                                      {"KiB", 1 << 10},
                                      {"MB", 1'000'000},
                                      {"MiB", 1 << 20},
                                      {"GB", 1'000'000'000},
                                      {"GiB", 1 << 30},
                                      {"TiB", std::int64_t(1) << 40}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// [+-] digits [. digits] [e [+-] digits]; nothing else is a number.
bool looks_like_number(std::string_view text) {
  const auto digits = [&] {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count > 0;
  };
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (!digits()) return false;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    if (!digits()) return false;
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    if (!digits()) return false;
  }
  return text.empty();
}

// Reads a number and a unit from the start of `text`, and removes them.
std::optional<std::int64_t> take_amount(std::string_view& text, const Unit* units, std::size_t count) {
  const auto digits = static_cast<std::size_t>(
      std::find_if_not(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }) -
      text.begin());
  const NumberText number = parse_number(text.substr(0, digits));
  if (number.kind != NumberText::Kind::integer && number.kind != NumberText::Kind::real) return std::nullopt;
  text.remove_prefix(digits);
  const auto letters =
      static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_digit) - text.begin());
  const auto unit = std::find_if(units, units + count,
                                 [&](const Unit& each) { return each.first == text.substr(0, letters); });
  if (unit == units + count) return std::nullopt;
  text.remove_prefix(letters);
  const double amount = number.real * static_cast<double>(unit->second);
  const double nearest = std::round(amount);
  // 4.1 has no exact double, and its product with a unit is off by its last digit
  if (amount > kLargestExact || std::abs(amount - nearest) > nearest * 4e-16) return std::nullopt;
  return static_cast<std::int64_t>(nearest);
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 9> kTrue{"true", "True", "TRUE", "yes", "Yes",
                                                  "YES",  "on",   "On",   "ON"};
  constexpr std::array<std::string_view, 9> kFalse{"false", "False", "FALSE", "no", "No",
                                                   "NO",    "off",   "Off",   "OFF"};
  if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end()) return false;
  return std::nullopt;
}

bool is_core_bool(std::string_view text) {
  return parse_bool(text) && (text[0] == 't' || text[0] == 'T' || text[0] == 'f' || text[0] == 'F');
}

NumberText parse_number(std::string_view text) {
  if (!looks_like_number(text)) return {};
  if (text[0] == '+') text.remove_prefix(1);
  const std::string_view digits = text[0] == '-' ? text.substr(1) : text;
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]))
    return {.kind = NumberText::Kind::leading_zero};
  const char* end = text.data() + text.size();
  NumberText number;
  if (text.find_first_of(".eE") == std::string_view::npos) {
    if (std::from_chars(text.data(), end, number.integer).ec != std::errc())
      return {.kind = NumberText::Kind::too_large};
    number.kind = NumberText::Kind::integer;
    number.real = static_cast<double>(number.integer);
    return number;
  }
  if (std::from_chars(text.data(), end, number.real).ec != std::errc())
    return {.kind = NumberText::Kind::too_large};
  number.kind = NumberText::Kind::real;
  if (std::abs(number.real) <= kLargestExact && number.real == std::floor(number.real)) {
    number.kind = NumberText::Kind::integer;
    number.integer = static_cast<std::int64_t>(number.real);
  }
  return number;
}

std::optional<double> parse_share(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  // via its decimal digits, because a division would round once more
  const NumberText share = parse_number(std::string(text.substr(0, text.size() - 1)) + "e-2");
  const bool number = share.kind == NumberText::Kind::integer || share.kind == NumberText::Kind::real;
  if (!number || share.real < 0 || share.real > 1) return std::nullopt;
  return share.real;
}

Quantity parse_duration(std::string_view text) {
  const Quantity wrong{std::nullopt, "a duration such as 500ms, 2s, 5m or 1h30m"};
  if (text == "0") return {0, {}};
  std::int64_t total = 0;
  if (text.empty()) return wrong;
  while (!text.empty()) {
    const auto amount = take_amount(text, kDurations.data(), kDurations.size());
    if (!amount || *amount > kLargest - total) return wrong;
    total += *amount;
  }
  return {total, {}};
}

Quantity parse_size(std::string_view text) {
  const Quantity wrong{std::nullopt, "a size such as 512MiB, 16GB or a number of bytes"};
  const NumberText number = parse_number(text);
  if (number.kind == NumberText::Kind::integer && number.integer >= 0) return {number.integer, {}};
  const auto amount = take_amount(text, kSizes.data(), kSizes.size());
  if (!amount || !text.empty()) return wrong;
  return {*amount, {}};
}

bool is_off(std::string_view text) {
  const NumberText number = parse_number(text);
  if (number.kind != NumberText::Kind::none) return number.real == 0;
  return parse_bool(text) == false || parse_duration(text).value == 0;
}

}  // namespace tachikoma::config

namespace tachikoma {

std::optional<std::int64_t> read_size(std::string_view text) { return config::parse_size(text).value; }

}  // namespace tachikoma
