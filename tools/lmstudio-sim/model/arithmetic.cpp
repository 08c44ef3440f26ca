// SPDX-License-Identifier: MIT
#include "model/arithmetic.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "http/json_value.hpp"

namespace lmstudio_sim {
namespace {

using Operator = std::pair<std::string_view, char>;
constexpr std::array<Operator, 8> kOperators{{{"+", '+'},
                                              {"plus", '+'},
                                              {"-", '-'},
                                              {"minus", '-'},
                                              {"*", '*'},
                                              {"times", '*'},
                                              {"/", '/'},
                                              {"divided by", '/'}}};

void skip_spaces(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
}

std::optional<double> take_number(std::string_view& text) {
  skip_spaces(text);
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<char> take_operator(std::string_view& text) {
  skip_spaces(text);
  for (const auto& [name, sign] : kOperators) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return sign;
  }
  return std::nullopt;
}

std::optional<double> apply(double a, char sign, double b) {
  const double result = sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
  return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

std::string number_text(double number) {
  if (number == std::floor(number) && std::fabs(number) < 1e15)
    return std::to_string(static_cast<long long>(number));
  return to_json(number);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// True when more than two numbers are involved: a date, a longer calculation.
bool goes_on(std::string_view rest) { return take_operator(rest) && take_number(rest); }

std::optional<std::string> work_out_at(std::string_view text) {
  const std::optional<double> a = take_number(text);
  if (!a) return std::nullopt;
  const std::optional<char> sign = take_operator(text);
  if (!sign) return std::nullopt;
  const std::optional<double> b = take_number(text);
  if (!b || goes_on(text)) return std::nullopt;
  const std::optional<double> result = apply(*a, *sign, *b);
  if (!result) return std::nullopt;
  return number_text(*a) + " " + *sign + " " + number_text(*b) + " = " + number_text(*result);
}

}  // namespace

std::optional<std::string> work_out(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    static constexpr std::string_view kInsideAnother = "0123456789.+-*/";
    if (!is_digit(text[at]) || (at > 0 && kInsideAnother.find(text[at - 1]) != std::string_view::npos))
      continue;
    if (auto found = work_out_at(text.substr(at))) return found;
  }
  return std::nullopt;
}

}  // namespace lmstudio_sim
