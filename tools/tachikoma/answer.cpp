// SPDX-License-Identifier: MIT
#include "answer.hpp"

#include <chrono>
#include <unistd.h>

#include "base/numbers.hpp"

namespace tachikoma::cli {
namespace {

std::string tokens(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "unknown";
}

}  // namespace

AnswerPrinter::AnswerPrinter(Output& output, Think think, bool raw)
    : output_(output), think_(think), renders_(!raw && output.can_redraw()), wait_(output) {
  wait_.begin();
}

Flow AnswerPrinter::print(const Delta& delta) {
  const bool reasoning = delta.kind == Delta::Kind::reasoning;
  const bool wanted =
      reasoning ? think_ != Think::hide : delta.kind == Delta::Kind::text && think_ != Think::only;
  if (wanted) {
    wait_.end();
    if (think_ == Think::show) enter(delta.channel);
    put(delta.content);
  }
  // text before a tool call is separated from text after its result
  if (delta.kind == Delta::Kind::tool_call) end_line();
  // the line of a wait would take the place of what stands before it
  const bool waits = !wanted && delta.kind != Delta::Kind::end;
  if (waits && (at_line_start_ || !output_.out_is_terminal())) wait_.begin();
  wait_.at(delta);
  return output_.closed() ? Flow::stop : Flow::proceed;
}

void AnswerPrinter::enter(Channel channel) {
  if (channel == channel_) return;
  end_line();
  if (channel_ != Channel::final)
    output_.print(output_.dim("</" + std::string(to_string(channel_)) + ">") + "\n");
  if (channel != Channel::final)
    output_.print(output_.dim("<" + std::string(to_string(channel)) + ">") + "\n");
  channel_ = channel;
}

// The single place where text of an answer is written.
void AnswerPrinter::put(std::string_view text) {
  if (text.empty()) return;
  any_ = true;
  const bool faint = channel_ != Channel::final && output_.colors_out();
  if (renders_) {
    if (!markdown_)
      markdown_.emplace([this](std::string_view shown) { output_.print(shown); },
                        [] { return terminal_size(STDOUT_FILENO); },
                        MarkdownLook{.color = output_.colors_out(), .plain = {.faint = faint}});
    markdown_->feed(text);
    at_line_start_ = markdown_->at_line_start();
    return;
  }
  at_line_start_ = text.back() == '\n';
  faint ? output_.print(output_.dim(visible(text))) : output_.print_foreign(text);
}

void AnswerPrinter::end_line() {
  if (markdown_)
    markdown_->finish();
  else if (!at_line_start_)
    output_.print("\n");
  markdown_.reset();
  at_line_start_ = true;
}

void AnswerPrinter::finish() {
  wait_.end();
  if (think_ == Think::show) enter(Channel::final);
  end_line();
}

std::string usage_line(const Usage& usage, const Metrics& metrics) {
  const double first = std::chrono::duration<double>(metrics.time_to_first_token.value).count();
  return tokens(usage.prompt_tokens) + " prompt + " + tokens(usage.completion_tokens) +
         " completion tokens · " +
         (metrics.tokens_per_second ? base::decimal(metrics.tokens_per_second.value) + " tokens/s"
                                    : "tokens/s unknown") +
         " · " +
         (metrics.time_to_first_token ? "first token after " + base::decimal(first, 2) + " s"
                                      : "time to first token unknown");
}

void print_notices(Output& output, const Reply& reply, Think think) {
  for (const std::string& notice : reply.notices) output.say("tachikoma: " + notice);
  const bool reasoned = reply.channels.contains(Channel::thinking) ||
                        reply.channels.contains(Channel::analysis) ||
                        reply.channels.contains(Channel::commentary);
  if (think == Think::only && !reasoned)
    output.say("tachikoma: the model showed no reasoning");
  else if (think == Think::hide && reasoned && reply.text.empty())
    output.say("tachikoma: the model reasoned and gave no answer; --think show prints the reasoning");
  if (reply.finish == Finish::length)
    output.say("tachikoma: the answer was cut off: the model reached its token limit");
}

}  // namespace tachikoma::cli
