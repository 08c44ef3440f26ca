// SPDX-License-Identifier: MIT
#include "cache/answer_file.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unistd.h>

#include <sys/stat.h>

#include "base/try.hpp"

namespace tachikoma::cache {
namespace {

constexpr std::int64_t kApplication = 0x54636b6d;  // "Tckm": by it SQLite's files are told apart
constexpr std::int64_t kSchema = 1;

constexpr char kMakeTables[] = R"(
  CREATE TABLE answers(
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,       -- of `request`: finds it, and decides nothing
    request BLOB NOT NULL,
    answer BLOB NOT NULL,
    stored INTEGER NOT NULL,  -- milliseconds since 1970, as `used`
    used INTEGER NOT NULL);
  CREATE INDEX by_hash ON answers(hash);
  CREATE INDEX by_age ON answers(stored);
  CREATE INDEX by_use ON answers(used);
  PRAGMA application_id = 1415801709;
  PRAGMA user_version = 1;)";
static_assert(kApplication == 1415801709 && kSchema == 1);

Error can_not(const std::string& what, const std::string& path) {
  return {ErrorCode::internal, "can't " + what + " '" + path + "' (" + std::strerror(errno) + ")",
          "name another file in cache.file"};
}

Status make_folder(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (folder.empty() || std::filesystem::exists(folder)) return Done{};
  TACHIKOMA_TRY_STATUS(make_folder(folder.string()));
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return can_not("make", folder.string());
  return Done{};
}

// Not opened here: to close a file takes away the locks that SQLite has on it anywhere in this process.
Result<std::uint64_t> make_file(const std::string& path) {
  TACHIKOMA_TRY_STATUS(make_folder(path));
  if (::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 && errno != EEXIST)
    return can_not("make", path);
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return can_not("open", path);
  const bool mine =
      S_ISREG(status.st_mode) && status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if (mine) return static_cast<std::uint64_t>(status.st_ino);
  return Error(ErrorCode::internal, "'" + path + "' is not a file that only you can write",
               "remove it, correct its owner and its mode, or name another file in cache.file");
}

Status make_tables(base::Database& database) {
  TACHIKOMA_TRY_STATUS(database.run("PRAGMA auto_vacuum = INCREMENTAL"));
  return database.transaction([&]() -> Status {
    TACHIKOMA_TRY(const Value made, database.value_of("SELECT count(*) FROM sqlite_master"));
    return made.as_integer() > 0 ? Status(Done{}) : database.run(kMakeTables);  // another program was faster
  });
}

/// What a file turned out to be.
enum class Kind : std::uint8_t { current, older };

Result<Kind> prepare(base::Database& database, const std::string& path) {
  TACHIKOMA_TRY(Value application, database.value_of("PRAGMA application_id"));
  if (application.as_integer() == 0) {
    TACHIKOMA_TRY_STATUS(make_tables(database));
    TACHIKOMA_TRY(application, database.value_of("PRAGMA application_id"));
  }
  if (application.as_integer() != kApplication)
    return Error(ErrorCode::internal, "'" + path + "' is the database of another program",
                 "name another file in cache.file");
  TACHIKOMA_TRY(const Value version, database.value_of("PRAGMA user_version"));
  const std::int64_t schema = version.as_integer();
  if (schema < kSchema) return Kind::older;
  if (schema > kSchema)
    return Error(ErrorCode::internal,
                 "'" + path + "' was written by a newer version of Tachikoma: its schema is " +
                     std::to_string(schema) + ", and this version knows " + std::to_string(kSchema),
                 "use that version, or name another file in cache.file");
  TACHIKOMA_TRY_STATUS(database.use_write_ahead_log());
  TACHIKOMA_TRY_STATUS(database.run("PRAGMA synchronous = NORMAL"));
  return Kind::current;
}

Result<std::string> move_away(const std::string& path, const std::string& suffix, const std::string& what) {
  const std::string aside = path + suffix;
  // its log first: a new database would take one that is left for its own
  for (const char* part : {"-wal", "-shm", ""}) {
    const std::string from = path + part;
    if (std::rename(from.c_str(), (aside + part).c_str()) != 0 && errno != ENOENT)
      return can_not("rename", from);
  }
  return "'" + path + "' " + what + ": it is '" + aside + "' now, and a new one was begun";
}

}  // namespace

std::string default_answer_file() {
  constexpr char kName[] = "/tachikoma/answers.db";
  const char* const given = std::getenv("XDG_CACHE_HOME");
  if (given && *given == '/') return std::string(given) + kName;
  const char* const home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.cache" + kName : std::string();
}

Result<std::string> set_aside(const std::string& path, std::uint64_t number, const Error& why) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || status.st_ino != number) return std::string();
  return move_away(path, ".damaged", "is damaged (" + std::string(why.detail["reason"].as_string()) + ")");
}

Result<AnswerFile> open_answer_file(const std::string& path, std::chrono::milliseconds patience) {
  if (path.empty())
    return Error(ErrorCode::internal, "there is no place for it: neither XDG_CACHE_HOME nor HOME is set",
                 "name a file in cache.file");
  std::string notice;
  for (bool again = false;; again = true) {
    TACHIKOMA_TRY(const std::uint64_t number, make_file(path));
    TACHIKOMA_TRY(std::optional<base::Database> database,
                  base::Database::open(path, base::Database::Access::write, patience));
    const Result<Kind> kind = prepare(*database, path);
    if (kind && *kind == Kind::current) return AnswerFile{*std::move(database), number, std::move(notice)};
    database
        .reset();  // before it has another name: when a database is closed, its log is removed by its name
    if (again || (!kind && !base::is_damage(kind.error()))) {
      if (!kind) return kind.error();
      return Error(ErrorCode::internal, "'" + path + "' has the form of an older version");
    }
    if (kind) {
      TACHIKOMA_TRY(notice, move_away(path, ".old", "has the form of an older version"));
    } else {
      TACHIKOMA_TRY(notice, set_aside(path, number, kind.error()));
    }
  }
}

}  // namespace tachikoma::cache
