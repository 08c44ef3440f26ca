// SPDX-License-Identifier: MIT
#pragma once

#include <clocale>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interrupt.hpp"
#include "libedit.hpp"
#include "line_history.hpp"
#include "line_source.hpp"

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// What Tab may make of the word before the cursor: words that begin with it.
struct Completions {
  std::string_view word = {};
  std::vector<std::string> candidates = {};
};
using Complete = std::function<Completions(std::string_view before_cursor)>;

/// Lines that are edited on the terminal, with libedit: keys as in Emacs or, if ~/.editrc says so, vi; the
/// history of earlier lines; Tab; and pasted texts, which are inserted with their line feeds. Writes to
/// stderr. One at a time.
class LineEditor final : public LineSource {
 public:
  /// `bold`: the prompt is. Fails with `internal` if libedit can't be used here.
  static Result<std::unique_ptr<LineEditor>> open(CaughtSignal& interrupts, CaughtSignal& hangups,
                                                  LineHistory history, Complete complete, bool bold);
  ~LineEditor() override;
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  Event next(std::string_view prompt, std::string& line) override;

 private:
  struct Functions;  // what libedit calls

  LineEditor(const Libedit& libedit, CaughtSignal& interrupts, CaughtSignal& hangups, LineHistory history,
             Complete complete, bool bold);
  bool make();
  void bind_keys();
  void remember(const std::string& line);

  bool fill();
  bool draw_again();
  int read_character(wchar_t& character);
  void insert(std::string_view text);
  unsigned char paste();
  unsigned char complete();
  void list(const std::vector<std::string>& words);

  Libedit libedit_;
  CaughtSignal& interrupts_;
  CaughtSignal& hangups_;
  Resizes resizes_;
  Continuations continuations_;
  LineHistory kept_;
  Complete complete_;
  bool bold_;
  locale_t utf8_ = nullptr;
  std::FILE* out_ = nullptr;
  ::EditLine* editor_ = nullptr;
  ::History* history_ = nullptr;
  std::string last_line_;  // of the history
  std::string prompt_;
  std::string input_;          // bytes that were read, and are not used yet
  Event ended_ = Event::line;  // why the last read of a character found none
};

}  // namespace tachikoma::cli
