// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/numbers.hpp"
#include "base/try.hpp"
#include "output.hpp"
#include "queue_address.hpp"
#include "table.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {
namespace {

std::string count(std::size_t number) { return format_count(static_cast<std::int64_t>(number)); }

std::string since(std::chrono::milliseconds time) {
  return format_duration(std::chrono::floor<std::chrono::seconds>(time));
}

// In work by each worker; the line that it has had for the longest.
std::vector<std::vector<std::string>> work_rows(const QueueStatus& status) {
  std::vector<std::vector<std::string>> rows{{"WORKER", "SEEN", "LINES", "MODEL", "FOR"}};
  for (const QueueStatus::Worker& worker : status.workers) {
    std::size_t lines = 0;
    std::string model = "-";
    std::chrono::milliseconds longest{0};
    for (const QueueStatus::InWork& each : status.in_work) {
      if (each.worker != worker.name) continue;
      ++lines;
      model = each.model;
      longest = std::max(longest, each.time);
    }
    rows.push_back(
        {worker.name, since(worker.seen) + " ago", count(lines), model, lines > 0 ? since(longest) : "-"});
  }
  return rows;
}

std::string status_text(const QueueStatus& status, std::size_t room) {
  const double seconds = std::chrono::duration<double>(status.age).count();
  const double speed = seconds > 0 ? static_cast<double>(status.done) / seconds : 0;
  std::string text = status.name + ": " + (status.paused ? "paused" : "running") + " · " +
                     count(status.done) + " of " + count(status.total) + " lines done · " +
                     count(status.in_work.size()) + " in work";
  if (speed > 0)
    text += " · " + base::decimal(speed) + " lines/s · " +
            since(std::chrono::milliseconds(
                static_cast<std::int64_t>(static_cast<double>(status.total - status.done) / speed * 1000))) +
            " left";
  text += "\nresults go to " + status.results_to + ", which collected last " + since(status.feeder_seen) +
          " ago; " + count(status.uncollected) + " wait\n";
  std::vector<std::vector<std::string>> waiting{{"MODEL", "WAITING"}};
  for (const QueueStatus::Waiting& each : status.waiting) waiting.push_back({each.model, count(each.lines)});
  if (waiting.size() > 1) text += "\n" + table(waiting, {.right = {1}, .names = {0}}, room);
  if (!status.workers.empty())
    text += "\n" + table(work_rows(status), {.right = {2}, .names = {0, 3}, .optional = {1}}, room);
  return text;
}

Result<BatchQueue> open_queue(const Options& options) {
  TACHIKOMA_TRY(const std::string url, queue_url(options.subject));
  return BatchQueue::open(url);
}

int show_queue(const Options& options, Output& output) {
  const Result<BatchQueue> queue = open_queue(options);
  if (!queue) return output.fail(queue.error());
  const Result<QueueStatus> status = queue->status();
  if (!status) return output.fail(status.error());
  if (options.json)
    output.print_json("queue", to_value(*status));
  else if (status->exists)
    output.print_foreign(status_text(*status, output.room()));
  else
    output.say("tachikoma: there is no batch at " + queue->address());
  return output.finish(0);
}

// Tells what was done.
template <class Do>
int run_change(const Options& options, Output& output, const Do& change) {
  const Result<BatchQueue> queue = open_queue(options);
  if (!queue) return output.fail(queue.error());
  const Result<std::string> said = change(*queue);
  if (!said) return output.fail(said.error());
  if (options.json)
    output.print_json("queue_change", Value::object({{"queue", queue->address()}, {"change", *said}}));
  else
    output.say("tachikoma: " + queue->address() + ": " + *said);
  return output.finish(0);
}

int pause_queue(const Options& options, Output& output) {
  return run_change(options, output, [](const BatchQueue& queue) -> Result<std::string> {
    TACHIKOMA_TRY_STATUS(queue.pause());
    return std::string("paused");
  });
}

int resume_queue(const Options& options, Output& output) {
  return run_change(options, output, [](const BatchQueue& queue) -> Result<std::string> {
    TACHIKOMA_TRY_STATUS(queue.resume());
    return std::string("resumed");
  });
}

int cancel_queue(const Options& options, Output& output) {
  return run_change(options, output, [](const BatchQueue& queue) -> Result<std::string> {
    TACHIKOMA_TRY(const bool was_there, queue.cancel());
    return std::string(was_there ? "cancelled" : "there was no batch");
  });
}

}  // namespace

const Verb kQueue{.name = "queue",
                  .brief = "Shows, pauses and cancels batches in a queue",
                  .summary = "Shows, pauses and cancels a batch that `tachikoma batch --queue` feeds.",
                  .example = R"(  tachikoma queue status redis://10.0.0.7/summaries
)"};

const Verb kQueueStatus{
    .name = "queue status",
    .brief = "How far a batch is, and who works on it",
    .usage = "[OPTIONS] [URL]",
    .summary =
        "Shows how many lines are done, in whose work and waiting for which model, the speed, and the\n"
        "time that is left. Without a URL, that in TACHIKOMA_QUEUE.",
    .example = R"(  tachikoma queue status redis://10.0.0.7/summaries
  tachikoma queue status --json redis://10.0.0.7/summaries
)",
    .words = Words::optional_subject,
    .run = show_queue};

const Verb kQueuePause{
    .name = "queue pause",
    .brief = "Workers take no further line",
    .usage = "[OPTIONS] [URL]",
    .summary = "Has workers take no further line until `queue resume`; what they have is answered.",
    .example = R"(  tachikoma queue pause redis://10.0.0.7/summaries
)",
    .words = Words::optional_subject,
    .run = pause_queue};

const Verb kQueueResume{.name = "queue resume",
                        .brief = "Workers go on",
                        .usage = "[OPTIONS] [URL]",
                        .summary = "Has workers go on with a batch that was paused.",
                        .example = R"(  tachikoma queue resume redis://10.0.0.7/summaries
)",
                        .words = Words::optional_subject,
                        .run = resume_queue};

const Verb kQueueCancel{
    .name = "queue cancel",
    .brief = "Removes a batch from its queue",
    .usage = "[OPTIONS] [URL]",
    .summary =
        "Removes a batch from its queue: workers drop its lines, and its feeder ends. Results\n"
        "that were collected stay in the feeder's journal.",
    .example = R"(  tachikoma queue cancel redis://10.0.0.7/summaries
)",
    .words = Words::optional_subject,
    .run = cancel_queue};

}  // namespace tachikoma::cli
