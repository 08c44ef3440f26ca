// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/excerpt.hpp"
#include "base/lists.hpp"

#include <tachikoma/plugin/error.hpp>
#include <tachikoma/plugin/model.hpp>
#include <tachikoma/plugin/value.hpp>

namespace tachikoma::cli {

/// The two streams of the program: results on stdout, everything else on stderr. Nothing is buffered,
/// so that a reader sees each piece as it comes. What concerns stderr may be called from any thread, the rest
/// from one.
class Output {
 public:
  /// `json`: errors are written as JSON. `color`: allowed; it is used on a terminal only, and never
  /// when NO_COLOR is set or the terminal is dumb.
  Output(bool json, bool color);

  /// Writes to stdout. Does nothing once the reader has gone or a write has failed.
  void print(std::string_view text);
  /// As `print`, for text of a model or a server: on a terminal its control characters are made visible,
  /// so that it can't move the cursor or rename the window.
  void print_foreign(std::string_view text);
  /// As `print_foreign`, for sentences: on a terminal they wrap at words.
  void print_prose(std::string_view text);
  /// `{"schema_version":1,"kind":…,"data":…}` in one line on stdout.
  void print_json(std::string_view kind, Value data);
  /// What precedes the data there; a `}` and a line end follow it. For what is printed piece by piece.
  static std::string json_start(std::string_view kind);
  /// Writes a line to stderr; line feeds in it become blanks.
  void say(std::string_view line);
  /// The same in faint letters, where stderr may be coloured.
  void note(std::string_view line);
  /// Writes to stderr without ending the line, when that is a terminal.
  void prompt(std::string_view text);
  /// Shows a line on stderr until the next text there takes its place; an empty one only removes the last.
  /// Does nothing where lines can't be replaced.
  void show(std::string_view line);
  /// "tachikoma: warning: …" on stderr.
  void warn(std::string_view text);

  /// Writes the error to stderr, as text or as JSON, and returns the exit code that belongs to it.
  int fail(const Error& error);

  /// True once the reader of stdout is gone: stop working for it.
  bool closed() const { return stdout_failure_ != 0; }
  /// The exit code of the program, `code` unless writing to stdout failed.
  int finish(int code);

  /// How wide a line on stdout may be: as wide as the terminal; elsewhere nothing is cut.
  std::size_t room() const;
  bool out_is_terminal() const { return out_is_terminal_; }
  /// True where what was printed can be drawn again: stdout is a terminal that isn't dumb.
  bool can_redraw() const { return out_is_terminal_ && !dumb_; }
  /// True where stdout may be coloured.
  bool colors_out() const { return color_out_; }
  /// True where `show` has an effect: stderr is a terminal that isn't dumb.
  bool can_show() const { return can_show_; }
  /// True if stderr may be coloured.
  bool colors_errors() const { return color_err_; }
  /// Text in faint letters, when stdout is a terminal that may be coloured.
  std::string dim(std::string_view text) const;

 private:
  void write_error(std::string_view text, bool is_shown = false);

  bool json_;
  bool dumb_;
  bool out_is_terminal_;
  bool color_out_;
  bool err_is_terminal_;
  bool color_err_;
  bool can_show_;
  int stdout_failure_ = 0;  // errno of the first failed write
  std::mutex mutex_;        // guards what follows
  bool shown_ = false;      // a line that waits to be replaced
};

/// The published JSON form of an error, with its exit code.
Value error_value(const Error& error);

/// The same of providers that failed, each with its error.
template <class Failures>
Value failures_value(const Failures& failures) {
  return base::array_of(failures, [](const auto& failure) {
    const auto& [provider, error] = failure;
    return Value::object({{"provider", provider}, {"error", error_value(error)}});
  });
}

/// "16384".
std::string format_count(std::int64_t number);

/// "1.5 GB", "12 kB": decimal units, as servers and file managers print them.
std::string format_bytes(std::int64_t bytes);

/// "45s", "59m 30s", "2d 3h": the two largest units.
std::string format_duration(std::chrono::milliseconds time);

/// Text of several lines for a terminal, with control characters made visible.
using base::visible;

}  // namespace tachikoma::cli
