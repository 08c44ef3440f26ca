// SPDX-License-Identifier: MIT
#include "sessions/batch_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/file.h>

#include "base/blocking_io.hpp"
#include "base/json.hpp"
#include "base/try.hpp"
#include "schema/wording.hpp"

namespace tachikoma::sessions {
namespace {

constexpr std::int64_t kJournalSchema = 1;
constexpr std::string_view kJournalKind = "batch_journal";

Error cannot_write(const std::string& path, int failure) {
  return Error(failure == EEXIST || failure == EACCES || failure == ENOENT ? ErrorCode::invalid_argument
                                                                           : ErrorCode::internal,
               "can't write '" + path + "' (" + std::strerror(failure) + ")", {},
               Value::object({{"file", path}}));
}

// `{"request":7,"ok":true,"line":` and `}` are around each result, which is copied out as it is.
std::string lead_of(std::size_t request, bool succeeded) {
  return "{\"request\":" + std::to_string(request) + ",\"ok\":" + (succeeded ? "true" : "false") +
         ",\"line\":";
}

std::string head_of(const BatchInput& input) {
  return base::to_json(Value::object({{"schema_version", kJournalSchema},
                                      {"kind", kJournalKind},
                                      {"input_bytes", static_cast<std::int64_t>(input.bytes())},
                                      {"input_hash", input.hash()},
                                      {"requests", static_cast<std::int64_t>(input.size())}})) +
         "\n";
}

}  // namespace

Result<BatchJournal> BatchJournal::create(const std::string& path, const BatchInput& input) {
  base::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (file.value() < 0) return cannot_write(path, errno);
  BatchJournal journal(LineFile(std::move(file), path), input.size());
  TACHIKOMA_TRY_STATUS(journal.lock());
  TACHIKOMA_TRY_STATUS(journal.append(head_of(input)));
  return journal;
}

Result<BatchJournal> BatchJournal::open(const std::string& path, const BatchInput& input) {
  base::Descriptor file(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  if (file.value() < 0) return cannot_write(path, errno);
  BatchJournal journal(LineFile(std::move(file), path), input.size());
  TACHIKOMA_TRY_STATUS(journal.lock());
  TACHIKOMA_TRY_STATUS(journal.read(input));
  if (::ftruncate(journal.file_.descriptor().value(), static_cast<off_t>(journal.end_)) != 0)
    return cannot_write(path, errno);
  if (journal.end_ == 0) TACHIKOMA_TRY_STATUS(journal.append(head_of(input)));  // its head was cut
  return journal;
}

Status BatchJournal::lock() const {
  if (::flock(file_.descriptor().value(), LOCK_EX | LOCK_NB) == 0) return Done{};
  return Error(ErrorCode::invalid_argument, "'" + file_.path() + "' is in use: a program runs this batch",
               "wait for it, or end it", Value::object({{"file", file_.path()}, {"in_use", true}}));
}

Status BatchJournal::read(const BatchInput& input) {
  for (bool is_head = true;; is_head = false) {
    TACHIKOMA_TRY(const std::optional<LineFile::Line> line, file_.next());
    if (!line || !line->has_end) return Done{};
    if (is_head) {
      const Result<Value> head = base::parse_json(line->text);
      TACHIKOMA_TRY_STATUS(check_head(head ? *head : Value(), input));
    } else if (!take(*line)) {
      return Done{};  // what follows was not written whole
    }
    end_ = line->place.offset + line->place.size + 1;
  }
}

Status BatchJournal::check_head(const Value& head, const BatchInput& input) const {
  const auto wrong = [&](std::string what, std::string hint) {
    return Error(ErrorCode::invalid_argument, "'" + file_.path() + "' " + std::move(what), std::move(hint),
                 Value::object({{"file", file_.path()}}));
  };
  const std::string anew = "remove that file to begin the batch anew";
  if (head["kind"].as_string() != kJournalKind) return wrong("is not the journal of a batch", anew);
  const std::int64_t schema = head["schema_version"].as_integer();
  if (schema != kJournalSchema)
    return wrong("has the schema " + std::to_string(schema) + "; this version of Tachikoma knows " +
                     std::to_string(kJournalSchema),
                 "go on with the version that wrote it, or " + anew);
  if (head["input_hash"].as_string() != input.hash() ||
      head["input_bytes"].as_integer() != static_cast<std::int64_t>(input.bytes()) ||
      head["requests"].as_integer() != static_cast<std::int64_t>(input.size()))
    return wrong("is of another input: the file has changed since the batch was begun",
                 "restore the input, or " + anew);
  return Done{};
}

bool BatchJournal::take(const LineFile::Line& line) {
  const Result<Value> entry = base::parse_json(line.text);
  if (!entry || !(*entry)["request"].is_integer() || !(*entry)["ok"].is_bool()) return false;
  const auto request = static_cast<std::uint64_t>((*entry)["request"].as_integer());
  const bool succeeded = (*entry)["ok"].as_bool();
  if (request >= entries_.size()) return false;
  const std::size_t lead = lead_of(request, succeeded).size();
  if (line.text.size() <= lead + 1) return false;
  entries_[request] = {{line.place.offset + lead, line.place.size - lead - 1}, succeeded};
  return true;
}

Status BatchJournal::add(std::size_t request, bool succeeded, const std::string& line) {
  const std::string lead = lead_of(request, succeeded);
  const std::uint64_t start = end_ + lead.size();
  TACHIKOMA_TRY_STATUS(append(lead + line + "}\n"));
  entries_[request] = {{start, line.size()}, succeeded};
  return Done{};
}

Status BatchJournal::sync() const {
  if (::fdatasync(file_.descriptor().value()) != 0) return cannot_write(file_.path(), errno);
  return Done{};
}

Status BatchJournal::append(const std::string& line) {
  if (const int failure = base::write_all(file_.descriptor().value(), line))
    return cannot_write(file_.path(), failure);
  end_ += line.size();
  return Done{};
}

std::optional<bool> BatchJournal::ended(std::size_t request) const {
  if (entries_[request].place.size == 0) return std::nullopt;
  return entries_[request].succeeded;
}

std::size_t BatchJournal::count(bool succeeded) const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.place.size > 0 && entry.succeeded == succeeded;
  }));
}

Status BatchJournal::write(const std::string& path, bool succeeded) const {
  const std::string beside = path + ".part";
  const base::Descriptor file(
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (file.value() < 0) return cannot_write(beside, errno);
  for (const Entry& entry : entries_) {
    if (entry.place.size == 0 || entry.succeeded != succeeded) continue;
    TACHIKOMA_TRY(const std::string line, file_.read(entry.place));
    if (const int failure = base::write_all(file.value(), line + "\n")) return cannot_write(beside, failure);
  }
  if (::fsync(file.value()) != 0 || ::rename(beside.c_str(), path.c_str()) != 0)
    return cannot_write(path, errno);
  return Done{};
}

void BatchJournal::remove() const { ::unlink(file_.path().c_str()); }

}  // namespace tachikoma::sessions
