// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

#include "base/try.hpp"
#include "exit_codes.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "queue_address.hpp"
#include "session.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Says how far the batch is, how fast it is, and when it ends if that goes on.
class BatchBar {
 public:
  BatchBar(Output& output, const Options& options)
      : progress_(output, "batch " + options.subject, options.json) {}

  void at(const BatchProgress& now) {
    if (first_ == 0) first_ = now.done;  // what came before was of an earlier run
    std::string more = std::to_string(now.done) + " of " + std::to_string(now.total);
    if (now.failed > 0) more += " · " + std::to_string(now.failed) + " failed";
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double speed = static_cast<double>(now.done - first_ + 1) / std::max(seconds, 1e-3);
    char number[32];
    std::snprintf(number, sizeof number, "%.1f", speed);
    const auto left = std::chrono::duration<double>(static_cast<double>(now.total - now.done) / speed);
    more += " · " + format_duration(std::chrono::ceil<std::chrono::seconds>(left)) + " left · " + number +
            " lines/s";
    progress_.at(static_cast<double>(now.done) / static_cast<double>(now.total), more);
  }

 private:
  Progress progress_;
  const Clock::time_point start_ = Clock::now();
  std::size_t first_ = 0;
};

std::string lines(std::size_t count) { return std::to_string(count) + (count == 1 ? " line" : " lines"); }

std::string summary(const BatchReport& report) {
  std::string text = lines(report.total) + ": " + std::to_string(report.succeeded) + " in " + report.output;
  if (report.failed > 0) text += ", " + std::to_string(report.failed) + " failed, in " + report.errors;
  if (report.resumed > 0) text += "; " + std::to_string(report.resumed) + " of them by an earlier run";
  return text;
}

// In the words of the command line.
Error for_command_line(Error error, const Options& options) {
  const std::string again = "tachikoma batch " + options.subject + " -o " + options.output + " --resume" +
                            (options.queue ? " --queue" : "");
  if (error.detail.find("journal")) error.hint = "go on with: " + again;
  if (error.detail.find("exists") && !options.resume && error.message.find(".journal'") != std::string::npos)
    error.hint = "an earlier run has not ended: go on with it (--resume), or remove that file";
  return error;
}

BatchFiles files_of(const Options& options) {
  return {.input = options.subject,
          .output = options.output,
          .errors = options.errors,
          .model = options.model,
          .resume = options.resume};
}

// By the models of this machine, or by workers.
Result<BatchReport> answer(const Options& options, Output& output, const BatchOptions& how) {
  if (!options.queue) {
    TACHIKOMA_TRY(Runtime runtime, open_runtime(options));
    return runtime.batch_file(files_of(options), how);
  }
  if (options.jobs)
    return Error(ErrorCode::invalid_argument, "--jobs has no meaning for a batch in a queue",
                 "give it to the workers");
  TACHIKOMA_TRY(const std::string url, queue_url(*options.queue));
  TACHIKOMA_TRY(const BatchQueue queue, BatchQueue::open(url));
  return queue.run(files_of(options), how,
                   [&](const Error& error) { output.warn(error.message + "; waiting"); });
}

int run_batch(const Options& options, Output& output) {
  if (options.output.empty())
    return output.fail({ErrorCode::invalid_argument, "there is no file for the results",
                        "name one: tachikoma batch " + options.subject + " -o results.jsonl"});
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  BatchOptions how{.stop = stop.token()};
  if (options.jobs) how.concurrency = static_cast<std::size_t>(*options.jobs);
  const Result<BatchReport> report = [&] {
    BatchBar bar(output, options);
    how.on_progress = [&](const BatchProgress& now) { bar.at(now); };
    return answer(options, output, how);
  }();
  if (!report) return fail(for_command_line(report.error(), options), stop, options, output);
  if (options.json)
    output.print_json("batch", to_value(*report));
  else
    output.say("tachikoma: " + summary(*report));
  return output.finish(report->failed > 0 ? kExitSomeFailed : 0);
}

void add_batch_options(OptionSet& set, Options& options) {
  set.text("-o,--output", options.output, "FILE", "Where the results go, in the order of IN");
  set.text("--errors", options.errors, "FILE",
           "Where the lines that failed go (default: OUT with .errors.jsonl)");
  set.count("-j,--jobs", options.jobs, 1,
            "Lines at a time (default: as many as the model in memory takes, or 4)");
  set.flag("--resume", options.resume, "Go on where an earlier run was ended");
  set.text("-m,--model", options.model, "MODEL", "For the lines that name none");
  set.optional_text("--queue", options.queue, "URL",
                    "Let workers answer: redis://[USER:PASSWORD@]HOST[:PORT]/NAME, or TACHIKOMA_QUEUE");
}

}  // namespace

const Verb kBatch{
    .name = "batch",
    .brief = "Answers a file of requests",
    .usage = "[OPTIONS] IN.jsonl -o OUT.jsonl",
    .summary =
        "Answers the requests of a file, one JSON object a line, as OpenAI's batch API has them:\n"
        "  {\"custom_id\": \"1\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {...}}\n"
        "or in short: {\"prompt\": \"Why is the sky blue?\"}. All lines are checked before one is sent.\n"
        "Results are kept in OUT.journal as they come; exit 12 if some lines failed.",
    .example = R"(  tachikoma batch questions.jsonl -o answers.jsonl
  tachikoma batch questions.jsonl -o answers.jsonl -j 8 --resume
  tachikoma batch questions.jsonl -o answers.jsonl --queue redis://10.0.0.7/summaries
)",
    .add_options = add_batch_options,
    .words = Words::subject,
    .subject = "the file with the requests",
    .uses_models = true,
    .run = run_batch};

}  // namespace tachikoma::cli
