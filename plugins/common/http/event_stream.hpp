// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tachikoma::kit {

/// One server-sent event. Views live until the next call of the splitter.
struct StreamEvent {
  std::string_view type;  ///< of its `event:` line; empty when there was none
  std::string_view data;  ///< `kTailRoom` bytes behind it are readable
};

/// Splits a text/event-stream that arrives in any pieces into its events. LF, CRLF and CR end a line;
/// a last event without its empty line counts. Comments, `id:` and `retry:` are ignored. A line `error:
/// X`, which older llama.cpp servers send, counts as `event: error` and `data: X`.
///
/// An event that is complete in one piece is returned as a view into it. Not synchronised.
class EventStreamSplitter {
 public:
  /// No event may be larger than this.
  static constexpr std::size_t kMaxEvent = 16 * 1024 * 1024;

  /// `bytes`, with `kTailRoom` readable bytes behind them, must stay unchanged until `next` returns nothing.
  void feed(std::string_view bytes) { input_ = bytes; }
  /// The next event that the input completes. Nullopt after `overflowed`.
  std::optional<StreamEvent> next();
  /// The stream has ended: `next` returns the rest.
  void finish() { finished_ = true; }
  /// True if the input so far ended at the end of an event.
  bool between_events() const {
    return input_.empty() && line_.empty() && type_.empty() && !has_data_ && !skip_newline_ && !overflowed_;
  }
  /// True when an event was larger than `kMaxEvent`.
  bool overflowed() const { return overflowed_; }

 private:
  std::optional<std::string_view> next_line();
  void read_line(std::string_view line);
  void add_data(std::string_view value);
  void keep_data();

  std::string_view input_;
  std::string line_;            // the start of an incomplete line
  std::string data_;            // data that has to outlive its piece
  std::string_view data_view_;  // the data so far: into the input, or into `data_`
  std::string type_;
  bool has_data_ = false;
  bool data_kept_ = false;   // `data_view_` points into `data_`
  bool line_kept_ = false;   // the line being read is in `line_`
  bool dispatched_ = false;  // the last event was returned: discard it
  bool skip_newline_ = false;
  bool first_line_ = true;
  bool finished_ = false;
  bool overflowed_ = false;
};

}  // namespace tachikoma::kit
