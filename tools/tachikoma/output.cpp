// SPDX-License-Identifier: MIT
#include "output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <unistd.h>
#include <utility>

#include "base/blocking_io.hpp"
#include "base/json.hpp"
#include "exit_codes.hpp"
#include "terminal_size.hpp"
#include "width.hpp"

#include <tachikoma/json.hpp>
#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {
namespace {

bool terminal_is_dumb() {
  const char* terminal = std::getenv("TERM");
  return terminal && std::string_view(terminal) == "dumb";
}

bool color_is_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return !(no_color && *no_color) && !terminal_is_dumb();
}

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

std::size_t room_on(int fd, bool is_terminal) { return is_terminal ? terminal_size(fd).columns : kNoLimit; }

std::string on_one_line(std::string_view text) { return base::printable(text, text.size()); }

constexpr std::string_view kLead = "tachikoma: ";

// Colours have no width, so they come after the wrapping.
std::string with_red_leads(std::string_view lines) {
  std::string text;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size() - 1) + 1;
    std::string_view line = lines.substr(at, end - at);
    if (line.starts_with(kLead)) {
      text += "\x1b[31mtachikoma:\x1b[0m ";
      line.remove_prefix(kLead.size());
    }
    text += line;
    at = end;
  }
  return text;
}

// Every line of `text` with `lead` in front.
std::string with_lead(std::string_view lead, std::string_view text) {
  std::string lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.append(lead).append(text.substr(at, end - at)).append("\n");
    at = end + 1;
  }
  return lines;
}

}  // namespace

Output::Output(bool json, bool color)
    : json_(json),
      dumb_(terminal_is_dumb()),
      out_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      color_out_(out_is_terminal_ && color && color_is_wanted()),
      err_is_terminal_(::isatty(STDERR_FILENO) == 1),
      color_err_(err_is_terminal_ && color && color_is_wanted()),
      can_show_(err_is_terminal_ && !dumb_) {}

void Output::print(std::string_view text) {
  if (!closed()) stdout_failure_ = base::write_all(STDOUT_FILENO, text);
}

void Output::print_foreign(std::string_view text) { out_is_terminal_ ? print(visible(text)) : print(text); }

void Output::print_prose(std::string_view text) {
  out_is_terminal_ ? print(wrapped_text(visible(text), room(), 2)) : print(text);
}

std::size_t Output::room() const { return room_on(STDOUT_FILENO, out_is_terminal_); }

void Output::print_json(std::string_view kind, Value data) {
  std::string text = json_start(kind);
  base::append_json(text, data);
  print(text + "}\n");
}

std::string Output::json_start(std::string_view kind) {
  std::string text = R"({"schema_version":1,"kind":)";
  base::append_json_string(text, kind);
  return text + R"(,"data":)";
}

void Output::write_error(std::string_view text, bool is_shown) {
  const std::lock_guard lock(mutex_);
  const std::string_view removed = std::exchange(shown_, is_shown) ? "\r\x1b[K" : "";
  base::write_all(STDERR_FILENO, std::string(removed).append(text));
}

void Output::say(std::string_view line) {
  write_error(wrapped_text(on_one_line(line) + "\n", room_on(STDERR_FILENO, err_is_terminal_), 2));
}

void Output::note(std::string_view line) {
  write_error(color_err_ ? "\x1b[2m" + on_one_line(line) + "\x1b[0m\n" : on_one_line(line) + "\n");
}

void Output::prompt(std::string_view text) {
  if (err_is_terminal_) write_error(on_one_line(text));
}

void Output::show(std::string_view line) {
  if (!can_show_) return;
  const std::string shown = on_one_line(line);
  write_error(fitting(shown, terminal_size(STDERR_FILENO).columns - 1), !line.empty());
}

void Output::warn(std::string_view text) { say("tachikoma: warning: " + std::string(text)); }

int Output::fail(const Error& error) {
  if (json_) {
    const Value whole =
        Value::object({{"schema_version", 1}, {"kind", "error"}, {"error", error_value(error)}});
    write_error(to_json(whole) + "\n");
    return exit_code(error.code);
  }
  // only a configuration's errors, and what differs from a cassette, are several, one a line; any other line
  // feed is in a name
  const bool list = error.detail.find("errors") || error.detail.find("differences");
  std::string lines = with_lead(kLead, list ? visible(error.message) : on_one_line(error.message));
  if (!error.hint.empty()) lines += with_lead("  hint: ", visible(error.hint));
  lines = wrapped_text(lines, room_on(STDERR_FILENO, err_is_terminal_), 2);
  write_error(color_err_ ? with_red_leads(lines) : lines);
  return exit_code(error.code);
}

int Output::finish(int code) {
  if (!closed()) return code;
  if (stdout_failure_ == EPIPE) return kExitReaderGone;
  const Error error(ErrorCode::internal,
                    std::string("cannot write to standard output: ") + std::strerror(stdout_failure_));
  return fail(error);
}

std::string Output::dim(std::string_view text) const {
  return color_out_ ? "\x1b[2m" + std::string(text) + "\x1b[0m" : std::string(text);
}

Value error_value(const Error& error) {
  Value whole = Value::object({{"code", to_string(error.code)}, {"exit", exit_code(error.code)}});
  const Value rest = to_value(error);
  for (const Member& member : rest.members()) whole.set(member.key, member.value);
  return whole;
}

std::string format_count(std::int64_t number) { return std::to_string(number); }

std::string format_bytes(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 999.95 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits[unit]);
  return text.data();
}

std::string format_duration(std::chrono::milliseconds time) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 4> kUnits{
      {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const auto [unit, name] = kUnits[i];
    if (seconds < unit) continue;
    std::string text = std::to_string(seconds / unit) + name;
    if (i + 1 == kUnits.size()) return text;
    const auto [smaller, smaller_name] = kUnits[i + 1];
    const std::int64_t rest = seconds % unit / smaller;
    return rest == 0 ? text : text + " " + std::to_string(rest) + smaller_name;
  }
  return "0s";
}

}  // namespace tachikoma::cli
