// SPDX-License-Identifier: MIT
#include "terminal_size.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>

namespace tachikoma::cli {
namespace {

constexpr std::size_t kMost = 10'000;

void read_size(const char* variable, std::size_t& size) {
  const char* value = std::getenv(variable);
  const std::string_view text = value ? value : "";
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size() && number > 0 && number <= kMost)
    size = number;
}

}  // namespace

TerminalSize terminal_size(int fd) {
  TerminalSize size;
  struct winsize told {};
  const bool known = ::ioctl(fd, TIOCGWINSZ, &told) == 0;
  if (known && told.ws_col > 0)
    size.columns = told.ws_col;
  else
    read_size("COLUMNS", size.columns);
  if (known && told.ws_row > 0)
    size.rows = told.ws_row;
  else
    read_size("LINES", size.rows);
  return size;
}

}  // namespace tachikoma::cli
