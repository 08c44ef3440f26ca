// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "output.hpp"
#include "progress.hpp"
#include "verbs.hpp"

#include <tachikoma/generation.hpp>

namespace tachikoma::cli {

/// Prints an answer as its deltas come, and ends it with a newline. Reasoning is left out, set between
/// `<thinking>` and `</thinking>` (or its channel's name), or is all that is printed.
class AnswerPrinter {
 public:
  AnswerPrinter(Output& output, Think think) : output_(output), think_(think) {}

  /// Prints the parts that belong to the answer, and shows on a terminal what it waits for; stops the
  /// generation if the reader is gone.
  Flow print(const Delta& delta);
  /// Closes an open tag; call it once, whether the answer is complete or not.
  void finish();
  /// True if something was printed.
  bool any() const { return any_; }

 private:
  void show(const Delta& progress);
  void enter(Channel channel);
  void put(std::string_view text);

  Output& output_;
  Think think_;
  Channel channel_ = Channel::final;
  bool any_ = false;
  bool at_line_start_ = true;
  std::optional<Progress> wait_;
  bool loads_ = false;  // what `wait_` shows
};

/// "12 prompt + 34 completion tokens · 45.2 tokens/s · first token after 0.12 s", with "unknown" for
/// what was neither reported nor measured.
std::string usage_line(const Usage& usage, const Metrics& metrics);

/// Prints on stderr what the reader of an answer should know: notices, and why it is empty or cut off.
void print_notices(Output& output, const Reply& reply, Think think);

}  // namespace tachikoma::cli
