// SPDX-License-Identifier: MIT
#include "cache/answer_store.hpp"

#include <utility>

#include "base/text_hash.hpp"
#include "base/try.hpp"

namespace tachikoma::cache {
namespace {

/// Connections that are kept; more generations at a time open more.
constexpr std::size_t kIdle = 4;
/// How many answers leave together, and how often one that is kept may ask for that.
constexpr std::int64_t kPortion = 16;
constexpr int kPortions = 16;
/// When an answer was used is known no better: a hit should not have to write.
constexpr std::int64_t kUseStepMs = 60'000;

std::string hash_of(std::string_view request) {
  base::TextHash hash;
  hash.add(request);
  return hash.text();
}

}  // namespace

AnswerStore::AnswerStore(const CacheConfig& config, LogCallback log, std::function<Clock::time_point()> now,
                         std::chrono::milliseconds patience)
    : file_(config.file.empty() ? default_answer_file() : config.file),
      ttl_ms_(config.ttl.count()),
      max_size_(config.max_size),
      log_(std::move(log)),
      now_(std::move(now)),
      patience_(patience) {}

std::optional<std::string> AnswerStore::find(std::string_view request) {
  auto found = use<std::optional<std::string>>("read", [&](base::Database& database) {
    database.set_patience(std::chrono::seconds(1));  // it need not, but after a crash of another program
    return find_in(database, request);
  });
  return found ? *std::move(found) : std::nullopt;
}

void AnswerStore::keep(std::string_view request, std::string_view answer) {
  if (static_cast<std::int64_t>(request.size() + answer.size()) > max_size_ / 4) return;
  use<Done>("written", [&](base::Database& database) {
    database.set_patience(locked_out_ ? std::chrono::milliseconds(0) : patience_);
    Status kept = keep_in(database, request, answer);
    locked_out_ = !kept && base::is_passing(kept.error());
    return kept;
  });
}

template <class T, class Use>
std::optional<T> AnswerStore::use(const char* purpose, const Use& use) {
  Result<std::optional<AnswerFile>> taken = take();
  if (!taken) {
    report("opened", taken.error());
    return std::nullopt;
  }
  std::optional<AnswerFile> connection = *std::move(taken);
  if (!connection) return std::nullopt;
  Result<T> result = use(connection->database);
  if (result) {
    give_back(*std::move(connection));
    return *std::move(result);
  }
  const std::uint64_t number = connection->number;
  connection.reset();
  if (base::is_damage(result.error()))
    begin_anew(number, result.error());
  else
    report(purpose, result.error());
  return std::nullopt;
}

// Nullopt: it is off.
Result<std::optional<AnswerFile>> AnswerStore::take() {
  {
    const std::lock_guard lock(mutex_);
    if (off_) return std::optional<AnswerFile>();
    if (!idle_.empty()) {
      std::optional<AnswerFile> last(std::move(idle_.back()));
      idle_.pop_back();
      return last;
    }
  }
  TACHIKOMA_TRY(AnswerFile opened, open());
  return std::optional<AnswerFile>(std::move(opened));
}

Result<AnswerFile> AnswerStore::open() {
  Result<AnswerFile> opened = open_answer_file(file_, patience_);
  {
    const std::lock_guard lock(mutex_);
    if (opened)
      number_ = opened->number;
    else
      off_ = !base::is_passing(opened.error());
  }
  if (opened && log_ && !opened->notice.empty())
    log_(Severity::warning, "cache", std::exchange(opened->notice, {}));
  return opened;
}

void AnswerStore::give_back(AnswerFile connection) {
  const std::lock_guard lock(mutex_);
  if (connection.number == number_ && idle_.size() < kIdle) idle_.push_back(std::move(connection));
}

void AnswerStore::report(const char* purpose, const Error& error) {
  std::string text = "the response cache can't be " + std::string(purpose) + ": " + error.message;
  if (!error.hint.empty()) text += " (" + error.hint + ")";
  {
    const std::lock_guard lock(mutex_);
    if (!said_.insert(text).second) return;
  }
  if (log_) log_(Severity::warning, "cache", text + "; generations go on without it");
}

void AnswerStore::begin_anew(std::uint64_t damaged, const Error& why) {
  std::vector<AnswerFile> others;
  {
    const std::lock_guard lock(mutex_);
    others.swap(idle_);
  }
  others.clear();
  const Result<std::string> sentence = set_aside(file_, damaged, why);
  if (!sentence)
    report("opened", sentence.error());
  else if (log_ && !sentence->empty())
    log_(Severity::warning, "cache", *sentence);
}

std::int64_t AnswerStore::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now_().time_since_epoch()).count();
}

Result<std::optional<std::string>> AnswerStore::find_in(base::Database& database,
                                                        std::string_view request) const {
  const std::string hash = hash_of(request);
  const std::int64_t now = now_ms();
  std::optional<std::string> answer;
  std::int64_t id = 0;
  {
    TACHIKOMA_TRY(
        base::Statement found,
        database.prepare("SELECT id, used, stored, answer FROM answers WHERE hash = ? AND request = ?"));
    TACHIKOMA_TRY_STATUS(found.bind({hash}));
    TACHIKOMA_TRY_STATUS(found.bind_bytes(2, request));
    TACHIKOMA_TRY(const bool there, found.step());
    if (!there || (ttl_ms_ > 0 && found.column(2).as_integer() < now - ttl_ms_)) return answer;
    answer = found.bytes(3);
    if (found.column(1).as_integer() > now - kUseStepMs) return answer;
    id = found.column(0).as_integer();
  }
  note_use(database, id);
  return answer;
}

// It may fail: that is none of the one who asks, who does not wait for it either.
void AnswerStore::note_use(base::Database& database, std::int64_t id) const {
  database.set_patience(std::chrono::milliseconds(0));
  Result<base::Statement> note = database.prepare("UPDATE answers SET used = ? WHERE id = ?");
  if (note && note->bind({now_ms(), id})) (void)note->run();
}

Status AnswerStore::keep_in(base::Database& database, std::string_view request,
                            std::string_view answer) const {
  const std::string hash = hash_of(request);
  const std::int64_t now = now_ms();
  return database.transaction([&]() -> Status {
    TACHIKOMA_TRY(base::Statement earlier,
                  database.prepare("DELETE FROM answers WHERE hash = ? AND request = ?"));
    TACHIKOMA_TRY_STATUS(earlier.bind({hash}));
    TACHIKOMA_TRY_STATUS(earlier.bind_bytes(2, request));
    TACHIKOMA_TRY_STATUS(earlier.run());
    TACHIKOMA_TRY(
        base::Statement fresh,
        database.prepare("INSERT INTO answers(hash, request, answer, stored, used) VALUES (?, ?, ?, ?, ?)"));
    TACHIKOMA_TRY_STATUS(fresh.bind({hash, {}, {}, now, now}));
    TACHIKOMA_TRY_STATUS(fresh.bind_bytes(2, request));
    TACHIKOMA_TRY_STATUS(fresh.bind_bytes(3, answer));
    TACHIKOMA_TRY_STATUS(fresh.run());
    return make_room(database);
  });
}

Status AnswerStore::make_room(base::Database& database) const {
  if (ttl_ms_ > 0) {
    TACHIKOMA_TRY(base::Statement old,
                  database.prepare("DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE "
                                   "stored < ? ORDER BY stored LIMIT ?)"));
    TACHIKOMA_TRY_STATUS(old.bind({now_ms() - ttl_ms_, kPortion}));
    TACHIKOMA_TRY_STATUS(old.run());
  }
  const auto number = [&](const char* sql) -> Result<std::int64_t> {
    TACHIKOMA_TRY(const Value value, database.value_of(sql));
    return value.as_integer();
  };
  TACHIKOMA_TRY(const std::int64_t page_size, number("PRAGMA page_size"));
  for (int portion = 0; portion < kPortions; ++portion) {
    TACHIKOMA_TRY(const std::int64_t pages, number("PRAGMA page_count"));
    TACHIKOMA_TRY(const std::int64_t free, number("PRAGMA freelist_count"));
    if ((pages - free) * page_size <= max_size_) {
      // the file itself shrinks too, if it has been larger
      return pages * page_size > max_size_ ? database.run("PRAGMA incremental_vacuum(256)") : Done{};
    }
    TACHIKOMA_TRY(base::Statement idle,
                  database.prepare("DELETE FROM answers WHERE id IN (SELECT id FROM answers ORDER BY "
                                   "used LIMIT ?)"));
    TACHIKOMA_TRY_STATUS(idle.bind({kPortion}));
    TACHIKOMA_TRY_STATUS(idle.run());
  }
  return Done{};
}

}  // namespace tachikoma::cache
