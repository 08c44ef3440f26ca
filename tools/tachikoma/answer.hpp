// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "markdown_stream.hpp"
#include "output.hpp"
#include "verbs.hpp"
#include "waiting_line.hpp"

#include <tachikoma/generation.hpp>

namespace tachikoma::cli {

/// Prints an answer as its deltas come, and ends it with a newline; until it comes, a terminal shows what it
/// waits for, and then its Markdown as it is meant. Reasoning is left out, set between
/// `<thinking>` and `</thinking>` (or its channel's name), or is all that is printed.
class AnswerPrinter {
 public:
  /// `raw`: as the model wrote it, also on a terminal.
  AnswerPrinter(Output& output, Think think, bool raw = false);

  /// Prints the parts that belong to the answer; stops the generation if the reader is gone.
  Flow print(const Delta& delta);
  /// Closes an open tag; call it once, whether the answer is complete or not.
  void finish();
  /// True if something was printed.
  bool any() const { return any_; }

 private:
  void enter(Channel channel);
  void put(std::string_view text);
  void end_line();

  Output& output_;
  Think think_;
  bool renders_;
  Channel channel_ = Channel::final;
  bool any_ = false;
  bool at_line_start_ = true;
  WaitingLine wait_;
  std::optional<MarkdownStream> markdown_;  // of the channel; none where the answer is not rendered
};

/// "12 prompt + 34 completion tokens · 45.2 tokens/s · first token after 0.12 s", with "unknown" for
/// what was neither reported nor measured.
std::string usage_line(const Usage& usage, const Metrics& metrics);

/// Prints on stderr what the reader of an answer should know: notices, and why it is empty or cut off.
void print_notices(Output& output, const Reply& reply, Think think);

}  // namespace tachikoma::cli
