// SPDX-License-Identifier: MIT
#include "answer.hpp"

#include <chrono>

#include "base/durations.hpp"
#include "base/numbers.hpp"

namespace tachikoma::cli {
namespace {

std::string tokens(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "unknown";
}

}  // namespace

Flow AnswerPrinter::print(const Delta& delta) {
  if (delta.kind == Delta::Kind::progress && delta.waiting)
    show(delta);
  else
    wait_.reset();
  const bool reasoning = delta.kind == Delta::Kind::reasoning;
  const bool wanted =
      reasoning ? think_ != Think::hide : delta.kind == Delta::Kind::text && think_ != Think::only;
  if (wanted) {
    if (think_ == Think::show) enter(delta.channel);
    put(delta.content);
  }
  // text before a tool call is separated from text after its result
  if (delta.kind == Delta::Kind::tool_call && !at_line_start_) put("\n");
  return output_.closed() ? Flow::stop : Flow::proceed;
}

void AnswerPrinter::show(const Delta& progress) {
  const bool loads = progress.content == "load";
  if (!wait_ || loads != loads_) {
    wait_.reset();
    wait_.emplace(output_, loads ? "loading the model" : "waiting for the model", true);
    loads_ = loads;
  }
  const Waiting& waiting = *progress.waiting;
  const std::string left =
      waiting.remaining ? "about " + base::describe_time(waiting.remaining.value) + " left" : "";
  if (loads) return wait_->at(progress.fraction, left);
  std::string more = std::to_string(waiting.ahead) + " requests before";
  if (!waiting.waits_for.empty()) more += " · after " + visible(waiting.waits_for);
  wait_->at_unknown(more);
}

void AnswerPrinter::enter(Channel channel) {
  if (channel == channel_) return;
  if (channel_ != Channel::final) {
    if (!at_line_start_) put("\n");
    output_.print(output_.dim("</" + std::string(to_string(channel_)) + ">") + "\n");
  }
  if (channel != Channel::final) {
    if (!at_line_start_) put("\n");
    output_.print(output_.dim("<" + std::string(to_string(channel)) + ">") + "\n");
  }
  channel_ = channel;
  at_line_start_ = true;
}

void AnswerPrinter::put(std::string_view text) {
  if (text.empty()) return;
  any_ = true;
  at_line_start_ = text.back() == '\n';
  if (channel_ == Channel::final || !output_.out_is_terminal())
    output_.print_foreign(text);
  else
    output_.print(output_.dim(visible(text)));
}

void AnswerPrinter::finish() {
  if (think_ == Think::show) enter(Channel::final);
  if (!at_line_start_) output_.print("\n");
  at_line_start_ = true;
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
