// SPDX-License-Identifier: MIT
#include "queue/feeder.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <unistd.h>
#include <unordered_map>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "queue/waits.hpp"
#include "sessions/batch_answer.hpp"

namespace tachikoma::queue {
namespace {

/// Lines of each model that are fed and have no result: enough for dozens of workers, and a bound of the
/// server's memory.
constexpr std::size_t kWindow = 256;

/// What one command feeds at most, so that it keeps nobody else waiting.
constexpr std::size_t kFedAtOnce = 64, kBytesAtOnce = 1024 * 1024;

constexpr std::size_t kCollectedAtOnce = 256;

/// How long a batch whose results are all here goes on trying to remove its keys.
constexpr std::chrono::seconds kCleaningFor{30};

std::string this_machine() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

// Who feeds: a journal is in use by one program at a time.
std::string owner_of(const sessions::BatchJournal& journal) {
  std::error_code failure;
  const auto path = std::filesystem::absolute(journal.path(), failure).lexically_normal();
  return this_machine() + ":" + (failure ? journal.path() : path.string());
}

Error lost_line(const std::string& history) {
  std::string tries = history;
  while (tries.ends_with('\n')) tries.pop_back();
  for (std::size_t at = 0; (at = tries.find('\n', at)) != std::string::npos;) tries.replace(at, 1, "; ");
  return Error(ErrorCode::model_lost, "no worker could answer this line: " + tries,
               "see the logs of these workers and of their servers");
}

/// The lines of one model, in their order.
struct Lane {
  std::string model = {};
  std::vector<std::size_t> requests = {};
  std::size_t next = 0;   ///< of those, to be fed
  std::size_t there = 0;  ///< in the queue, as far as is known
};

class Feeder {
 public:
  Feeder(const QueueAddress& address, Broker broker, sessions::FilesOfBatch& files,
         const BatchOptions& options, const QueueTroubleCallback& on_trouble)
      : address_(address),
        broker_(std::move(broker)),
        files_(files),
        options_(options),
        troubles_(on_trouble) {}

  Result<std::optional<Error>> run() {
    TACHIKOMA_TRY_STATUS(begin(files_.is_new ? Beginning::begin : Beginning::resume));
    files_.report.models = lanes_.size();
    while (files_.journal.count() < files_.report.total) {
      if (std::optional<Error> halted = halted_by()) return halted;
      const Result<bool> moved = step();
      if (!moved) {
        if (!may_pass(moved.error())) return moved.error();
        TACHIKOMA_TRY_STATUS(rejoin(moved.error()));
        continue;
      }
      troubles_.passed();
      retries_.reset();
      if (!*moved) pause(kLookAgain);
    }
    clean_up();
    return std::optional<Error>();
  }

 private:
  Status begin(Beginning how) {
    TACHIKOMA_TRY_STATUS(
        broker_.begin(files_.input.hash(), files_.report.total, owner_of(files_.journal), how));
    lay_lanes();
    return Done{};
  }

  void lay_lanes() {
    lanes_.clear();
    lane_of_.clear();
    for (std::size_t request = 0; request < files_.input.size(); ++request) {
      if (files_.journal.ended(request)) continue;
      const std::string& model = files_.input.model(request);
      const auto [lane, is_new] = lane_of_.try_emplace(model, lanes_.size());
      if (is_new) lanes_.push_back({.model = model});
      lanes_[lane->second].requests.push_back(request);
    }
  }

  std::optional<Error> halted_by() const {
    if (options_.stop.stop_requested()) return Error(ErrorCode::cancelled, "the batch was stopped");
    if (options_.deadline && WaitClock::now() >= *options_.deadline)
      return Error(ErrorCode::timeout, "the deadline of the batch passed");
    return std::nullopt;
  }

  void pause(std::chrono::milliseconds time) const {
    if (options_.deadline)
      time = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*options_.deadline - WaitClock::now()),
                        std::chrono::milliseconds(0), time);
    wait_for(time, options_.stop);
  }

  // Whether anything was collected or fed.
  Result<bool> step() {
    TACHIKOMA_TRY(const bool collected, collect());
    bool fed = false;
    for (Lane& lane : lanes_) {
      TACHIKOMA_TRY(const bool some, feed(lane));
      fed = fed || some;
    }
    return collected || fed;
  }

  // A result is removed from the queue when it is on this disk.
  Result<bool> collect() {
    TACHIKOMA_TRY(const std::vector<QueuedResult> results, broker_.collect(kCollectedAtOnce, kept_));
    kept_.clear();
    for (const QueuedResult& result : results) TACHIKOMA_TRY_STATUS(keep(result));
    if (results.empty()) return false;
    TACHIKOMA_TRY_STATUS(files_.journal.sync());
    for (const QueuedResult& result : results) kept_.push_back(result.id);
    return true;
  }

  Status keep(const QueuedResult& result) {
    const std::size_t request = result.request;
    if (request >= files_.input.size() || files_.journal.ended(request)) return Done{};
    bool succeeded = result.kind == QueuedResult::Kind::ok;
    std::string line = result.text;
    if (result.kind == QueuedResult::Kind::lost) {
      TACHIKOMA_TRY(line, failure(request, lost_line(result.text)));
    } else if (const Result<Value> form = base::parse_json(line);
               !form || line.find('\n') != std::string::npos) {
      succeeded = false;
      TACHIKOMA_TRY(line,
                    failure(request, Error(ErrorCode::protocol, "a worker's result for this line is not JSON",
                                           "see whether all workers have this version of Tachikoma")));
    }
    TACHIKOMA_TRY_STATUS(files_.journal.add(request, succeeded, line));
    Lane& lane = lanes_[lane_of_.at(files_.input.model(request))];
    lane.there -= std::min<std::size_t>(lane.there, 1);
    if (options_.on_progress)
      options_.on_progress({files_.journal.count(), files_.journal.count(false), files_.report.total});
    return Done{};
  }

  Result<std::string> failure(std::size_t request, const Error& error) {
    TACHIKOMA_TRY(const sessions::BatchLine line, files_.input.request(request));
    return base::to_json(sessions::batch_failure(request, line.custom_id, error));
  }

  Result<bool> feed(Lane& lane) {
    if (lane.next == lane.requests.size() || lane.there + kFedAtOnce / 2 > kWindow) return false;
    std::vector<TakenLine> lines;
    std::size_t bytes = 0;
    for (std::size_t at = lane.next;
         at < lane.requests.size() && lines.size() < kFedAtOnce && bytes < kBytesAtOnce; ++at) {
      const std::size_t request = lane.requests[at];
      TACHIKOMA_TRY(const sessions::BatchLine line, files_.input.request(request));
      TACHIKOMA_TRY(std::string text, files_.input.text(request));
      bytes += text.size();
      lines.push_back({.request = request, .custom_id = line.custom_id, .text = std::move(text)});
    }
    TACHIKOMA_TRY(const Broker::Fed fed, broker_.feed(lane.model, kWindow, lines));
    lane.next += fed.lines;
    lane.there = fed.there;
    return fed.lines > 0;
  }

  // Goes on with the server that is back: with one that lost everything anew.
  Status rejoin(Error trouble) {
    for (;;) {
      troubles_.met(trouble);
      pause(retries_.next());
      if (halted_by()) return Done{};
      Result<Broker> again = Broker::connect(address_);
      if (!again) {
        if (!may_pass(again.error())) return std::move(again).error();
        trouble = std::move(again).error();
        continue;
      }
      const bool is_same_run = again->run_id() == broker_.run_id();
      broker_ = *std::move(again);
      Status begun = begin(is_same_run ? Beginning::rejoin : Beginning::resume);
      if (begun || !may_pass(begun.error())) return begun;
      trouble = std::move(begun).error();
    }
  }

  void clean_up() {
    const auto until = WaitClock::now() + kCleaningFor;
    for (Result<bool> done = broker_.finish(); !done; done = broker_.finish()) {
      troubles_.met(done.error());
      if (WaitClock::now() > until || options_.stop.stop_requested()) return;
      wait_for(retries_.next(), options_.stop);
      if (Result<Broker> again = Broker::connect(address_)) broker_ = *std::move(again);
    }
  }

  const QueueAddress& address_;
  Broker broker_;
  sessions::FilesOfBatch& files_;
  const BatchOptions& options_;
  Troubles<QueueTroubleCallback> troubles_;
  Retries retries_;
  std::vector<Lane> lanes_;
  std::unordered_map<std::string, std::size_t> lane_of_;
  std::vector<std::string> kept_;  // ids of results that are in the journal, and still in the queue
};

Status check_options(const BatchOptions& options) {
  if (options.concurrency)
    return Error(ErrorCode::invalid_argument, "a batch in a queue has no 'concurrency' of its own",
                 "give it to the workers");
  if (options.stop_on_error)
    return Error(ErrorCode::invalid_argument, "a batch in a queue can't stop at the first error",
                 "leave out 'stop_on_error'");
  return Done{};
}

// A worker's default model is its own affair.
Status check_models(sessions::BatchInput& input) {
  for (std::size_t request = 0; request < input.size(); ++request) {
    if (!input.model(request).empty()) continue;
    TACHIKOMA_TRY(const sessions::BatchLine line, input.request(request));
    return Error(ErrorCode::invalid_argument,
                 "the line '" + line.custom_id + "' names no model, and workers have no common default",
                 "name one in the line, or for all of them: --model");
  }
  return Done{};
}

}  // namespace

Result<BatchReport> feed_and_collect(const QueueAddress& address, const BatchFiles& files,
                                     const BatchOptions& options, const QueueTroubleCallback& on_trouble) {
  TACHIKOMA_TRY_STATUS(check_options(options));
  TACHIKOMA_TRY(Broker first, Broker::connect(address));
  return sessions::answer_files(files, [&](sessions::FilesOfBatch& used) -> Result<std::optional<Error>> {
    Feeder feeder(address, std::move(first), used, options, on_trouble);
    Status allowed = check_models(used.input);
    Result<std::optional<Error>> halted =
        allowed ? feeder.run() : Result<std::optional<Error>>(std::move(allowed).error());
    // what could not begin leaves nothing behind
    if (!halted && used.is_new && used.journal.count() == 0 &&
        halted.error().code == ErrorCode::invalid_argument)
      used.journal.remove();
    return halted;
  });
}

}  // namespace tachikoma::queue
