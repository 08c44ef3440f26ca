// SPDX-License-Identifier: MIT
#include <chrono>
#include <string>

#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "queue_address.hpp"
#include "session.hpp"
#include "verbs.hpp"

#include <tachikoma/batch_worker.hpp>

namespace tachikoma::cli {
namespace {

int run_worker(const Options& options, Output& output) {
  const Result<std::string> url = queue_url(options.queue.value_or(""));
  if (!url) return output.fail(url.error());
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  const Result<BatchWorker> worker = BatchWorker::open(*runtime, *url);
  if (!worker) return output.fail(worker.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  BatchWorkerOptions how{.stop = stop.token(),
                         .on_trouble = [&](const Error& error) { output.warn(error.message + "; waiting"); }};
  if (options.jobs) how.concurrency = static_cast<std::size_t>(*options.jobs);
  if (options.dead_after) how.dead_after = std::chrono::seconds(*options.dead_after);
  output.say("tachikoma: worker " + worker->name() + " waits for lines of " + worker->address());
  const Result<BatchWorkerReport> report = worker->run(how);
  if (!report) return output.fail(report.error());
  if (options.json)
    output.print_json("worker", to_value(*report));
  else
    output.say("tachikoma: " + format_count(static_cast<std::int64_t>(report->answered)) +
               " lines answered, " + format_count(static_cast<std::int64_t>(report->failed)) +
               " of them failed; " + format_count(static_cast<std::int64_t>(report->given_back)) +
               " given back");
  return output.finish(0);
}

void add_worker_options(OptionSet& set, Options& options) {
  set.optional_text("--queue", options.queue, "URL",
                    "redis://[USER:PASSWORD@]HOST[:PORT]/NAME (default: TACHIKOMA_QUEUE)");
  set.count("-j,--jobs", options.jobs, 1,
            "Lines at a time (default: as many as the model in memory takes, or 4)");
  set.count(
      "--dead-after", options.dead_after, 1,
      "Seconds without a sign of life after which others take its lines; the same for all workers (15)");
}

}  // namespace

const Verb kWorker{
    .name = "worker",
    .brief = "Answers the lines of batches in a queue",
    .usage = "[OPTIONS] --queue URL",
    .summary =
        "Answers the lines of the batch NAME that `tachikoma batch --queue` feeds, on any number\n"
        "of machines, each with its own configuration and models. It takes only lines for models\n"
        "that it has, and goes on until ^C; what it has not answered then is given back.",
    .example = R"(  tachikoma worker --queue redis://10.0.0.7/summaries
  TACHIKOMA_QUEUE=redis://:secret@10.0.0.7/summaries tachikoma worker
)",
    .add_options = add_worker_options,
    .uses_models = true,
    .run = run_worker};

}  // namespace tachikoma::cli
