// SPDX-License-Identifier: MIT
#include "sessions/batch_file.hpp"

#include <chrono>
#include <filesystem>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "sessions/batch_answer.hpp"
#include "sessions/batch_answering.hpp"

namespace tachikoma::sessions {
namespace {

/// The lines of a batch's input as they are asked, and their results as they are written to its journal.
class LinesOfBatch final : public BatchWork {
 public:
  LinesOfBatch(const BatchParts& parts, FilesOfBatch& files, std::stop_token stop)
      : answering_(parts), files_(files), stop_(std::move(stop)) {}

  void start(std::size_t request, std::stop_token stop, std::function<void()> done) override {
    Result<BatchLine> line = files_.input.request(request);
    if (!line) {
      keep(request, {}, std::move(line).error());
      return done();
    }
    const std::string id = line->custom_id;
    answering_.start(request, *std::move(line), std::move(stop),
                     [this, request, id, done = std::move(done)](Result<Value> answer) {
                       keep(request, id, std::move(answer));
                       done();
                     });
  }

  Result<bool> end(std::size_t request, const std::optional<Error>& late) override {
    std::unique_lock lock(mutex_);
    Outcome outcome = std::move(outcomes_.extract(request).mapped());
    lock.unlock();
    if (!outcome.line && outcome.line.error().code == ErrorCode::cancelled &&
        (late || stop_.stop_requested()))
      return false;  // it is asked again when the batch goes on
    const bool succeeded = static_cast<bool>(outcome.line);
    TACHIKOMA_TRY_STATUS(files_.journal.add(
        request, succeeded,
        base::to_json(succeeded ? *outcome.line : batch_failure(request, outcome.id, outcome.line.error()))));
    return succeeded;
  }

 private:
  struct Outcome {
    std::string id;
    Result<Value> line;
  };

  void keep(std::size_t request, std::string id, Result<Value> line) {
    const std::lock_guard lock(mutex_);
    outcomes_.emplace(request, Outcome{std::move(id), std::move(line)});
  }

  const LineAnswering answering_;
  FilesOfBatch& files_;
  const std::stop_token stop_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<std::size_t, Outcome> outcomes_;
};

bool is_there(const std::string& path) {
  std::error_code failure;
  return std::filesystem::symlink_status(path, failure).type() != std::filesystem::file_type::not_found;
}

Error exists(const std::string& path, std::string hint) {
  return Error(ErrorCode::invalid_argument, "'" + path + "' exists already", std::move(hint),
               Value::object({{"file", path}, {"exists", true}}));
}

// Theirs takes the place of the output's ending.
std::string errors_path(const BatchFiles& files) {
  if (!files.errors.empty()) return files.errors;
  return std::filesystem::path(files.output).replace_extension(".errors.jsonl").string();
}

Status check_places(const BatchFiles& files, const std::string& errors) {
  std::error_code failure;
  for (const std::string& to : {files.output, errors})
    if (to == files.input || std::filesystem::equivalent(to, files.input, failure))
      return Error(ErrorCode::invalid_argument, "'" + to + "' is the input of the batch, and its output",
                   "choose another file for the results");
  if (files.output == errors)
    return Error(ErrorCode::invalid_argument, "'" + errors + "' is for the results, and for the errors",
                 "choose another file for the errors");
  return Done{};
}

std::string journal_path(const BatchFiles& files) { return files.output + ".journal"; }

Result<BatchJournal> begin(const BatchFiles& files, const std::string& errors, const BatchInput& input) {
  const std::string journal = journal_path(files);
  if (is_there(journal)) {
    if (files.resume) return BatchJournal::open(journal, input);
    return exists(journal, "an earlier run has not ended: go on with it (resume), or remove that file");
  }
  for (const std::string& result : {files.output, errors})
    if (is_there(result))
      return exists(result, files.resume ? "there is no journal to go on with: the batch has ended"
                                         : "choose another file, or remove that one");
  return BatchJournal::create(journal, input);
}

// Those that have not ended, by model.
std::vector<BatchGroup> groups_to_ask(const BatchParts& parts, const BatchInput& input,
                                      const BatchJournal& journal, const std::stop_token& stop) {
  std::vector<BatchGroup> groups = group_by_model(
      parts.parts.registry, input.size(), [&](std::size_t request) { return input.model(request); }, stop);
  for (BatchGroup& group : groups)
    std::erase_if(group.requests, [&](std::size_t request) { return journal.ended(request).has_value(); });
  std::erase_if(groups, [](const BatchGroup& group) { return group.requests.empty(); });
  return groups;
}

Error interrupted(const Error& why, const BatchJournal& journal, std::size_t total,
                  const std::string& output) {
  const std::size_t ended = journal.count();
  return Error(why.code,
               (why.code == ErrorCode::timeout ? "the deadline of the batch passed when "
                                               : "the batch was stopped when ") +
                   std::to_string(ended) + " of " + std::to_string(total) + " requests had ended",
               "their results are kept in '" + output + ".journal': go on with the batch (resume)",
               Value::object({{"done", static_cast<std::int64_t>(ended)},
                              {"total", static_cast<std::int64_t>(total)},
                              {"journal", output + ".journal"}}));
}

}  // namespace

Result<BatchReport> answer_files(const BatchFiles& files, const AnswerLines& answer) {
  const auto start = std::chrono::steady_clock::now();
  const std::string errors = errors_path(files);
  TACHIKOMA_TRY_STATUS(check_places(files, errors));
  TACHIKOMA_TRY(BatchInput input, BatchInput::read(files.input, files.model));
  const bool is_new = !is_there(journal_path(files));
  TACHIKOMA_TRY(BatchJournal journal, begin(files, errors, input));

  BatchReport report{.total = input.size(), .resumed = journal.count()};
  FilesOfBatch used{input, journal, is_new, report};
  TACHIKOMA_TRY(const std::optional<Error> halted, answer(used));
  if (halted && journal.count() < report.total)
    return interrupted(*halted, journal, report.total, files.output);

  report.succeeded = journal.count(true);
  report.failed = journal.count(false);
  report.output = files.output;
  if (report.failed > 0) {
    TACHIKOMA_TRY_STATUS(journal.write(errors, false));
    report.errors = errors;
  }
  TACHIKOMA_TRY_STATUS(journal.write(files.output, true));
  journal.remove();
  report.time = std::chrono::steady_clock::now() - start;
  return report;
}

Result<BatchReport> batch_file(const BatchParts& parts, const BatchFiles& files,
                               const BatchOptions& options) {
  return answer_files(files, [&](FilesOfBatch& used) {
    const std::vector<BatchGroup> groups = groups_to_ask(parts, used.input, used.journal, options.stop);
    used.report.models = groups.size();
    LinesOfBatch work(parts, used, options.stop);
    return run_batch(groups, work, parts.management, options,
                     {used.report.resumed, used.journal.count(false), used.report.total});
  });
}

}  // namespace tachikoma::sessions
