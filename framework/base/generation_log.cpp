// SPDX-License-Identifier: MIT
#include "base/generation_log.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

#include "base/private_group.hpp"
#include "base/state_folder.hpp"
#include "base/try.hpp"

namespace tachikoma::base {
namespace {

// "tklg", for `file` and for whoever finds it
constexpr std::int64_t kLogApplication = 0x746B6C67;

// A monitor that needs 2 s for an event is given up.
constexpr std::chrono::milliseconds kLogPatience{500};

Error unusable_log(const std::string& file, const std::string& why, std::string hint) {
  return {ErrorCode::config_invalid, "the log '" + file + "' can't be used: " + why, std::move(hint)};
}

Status check_log_file(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return Done{};  // it is made
  if (!S_ISREG(status.st_mode)) return unusable_log(file, "it is not a regular file", "name another file");
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return unusable_log(file, "it belongs to user " + user_name(status.st_uid), "name another file");
  const bool by_others =
      (status.st_mode & S_IWOTH) || ((status.st_mode & S_IWGRP) && !is_private_group(status.st_gid));
  if (by_others)
    return unusable_log(file, "other users can write it", "take that from them: chmod go-w '" + file + "'");
  return Done{};
}

struct LogIdentity {
  std::int64_t application = 0, schema = 0, tables = 0;

  bool is_new() const { return application == 0 && schema == 0 && tables == 0; }
};

Result<LogIdentity> read_identity(Database& log) {
  TACHIKOMA_TRY(const Value application, log.value_of("PRAGMA application_id"));
  TACHIKOMA_TRY(const Value schema, log.value_of("PRAGMA user_version"));
  TACHIKOMA_TRY(const Value tables, log.value_of("SELECT count(*) FROM sqlite_schema"));
  return LogIdentity{application.as_integer(), schema.as_integer(), tables.as_integer()};
}

// At one moment: another program may be making its tables.
Result<LogIdentity> identify(Database& log) {
  TACHIKOMA_TRY_STATUS(log.run("SAVEPOINT identity"));
  Result<LogIdentity> found = read_identity(log);
  const Status released = log.run("RELEASE identity");
  if (found && !released) return released.error();
  return found;
}

Status check_log(const std::string& file, const LogIdentity& found) {
  if (found.application != kLogApplication)
    return unusable_log(file, "it is the database of another program", "name another file");
  if (found.schema > kLogSchema)
    return unusable_log(file,
                        "its schema is " + std::to_string(found.schema) + ", and this version knows " +
                            std::to_string(kLogSchema),
                        "use a newer version of Tachikoma, or name another file");
  return Done{};
}

std::string log_schema() {
  std::string columns = "id INTEGER PRIMARY KEY AUTOINCREMENT";
  for (const LogColumn& column : log_columns())
    columns.append(", ").append(column.name).append(" ").append(column.type);
  const std::string table(kLogTable);
  return "CREATE TABLE " + table + " (" + columns + ");" +                      //
         "CREATE INDEX " + table + "_by_time ON " + table + " (started_at);" +  //
         "PRAGMA application_id = " + std::to_string(kLogApplication) + ";" +   //
         "PRAGMA user_version = " + std::to_string(kLogSchema) + ";";
}

// Several programs may begin it at once.
Status begin_log(Database& log) {
  TACHIKOMA_TRY_STATUS(log.use_write_ahead_log());
  return log.transaction([&]() -> Status {
    TACHIKOMA_TRY(const LogIdentity found, identify(log));
    return found.is_new() ? log.run(log_schema()) : Status(Done{});
  });
}

bool rename_if_free(const std::string& from, const std::string& to) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
}

// A name beside the file that is not taken yet, which the file gets; empty: it is gone already.
Result<std::string> move_aside(const Database& log, const std::string& why) {
  const std::string& file = log.path();
  for (int number = 1;; ++number) {
    const std::string aside = file + "." + why + (number == 1 ? "" : "-" + std::to_string(number));
    if (!log.is_at(file)) return std::string();
    if (rename_if_free(file, aside)) {
      if (!log.is_at(aside)) {  // another program was faster, and this is the new one
        (void)rename_if_free(aside, file);
        return std::string();
      }
      for (const char* companion : {"-wal", "-shm"})
        (void)std::rename((file + companion).c_str(), (aside + companion).c_str());
      return aside;
    }
    if (errno == ENOENT) return std::string();
    if (errno != EEXIST)
      return unusable_log(file, "it is " + why + ", and can't be renamed (" + std::strerror(errno) + ")",
                          "rename it, or name another file");
  }
}

Status set_aside(const Database& log, const std::string& why, const Say& say) {
  TACHIKOMA_TRY(const std::string aside, move_aside(log, why));
  if (!aside.empty())
    say("the log '" + log.path() + "' is " + why + ": it was renamed to '" + aside +
        "', and a new one begun");
  return Done{};
}

// False: it was set aside, and another one may be begun.
Result<bool> prepare_log(Database& log, const Say& say) {
  const auto is_usable = [&]() -> Result<bool> {
    TACHIKOMA_TRY(LogIdentity found, identify(log));
    if (found.is_new()) {
      TACHIKOMA_TRY_STATUS(begin_log(log));
      TACHIKOMA_TRY(found, identify(log));
    }
    TACHIKOMA_TRY_STATUS(check_log(log.path(), found));
    if (found.schema == kLogSchema) return true;
    TACHIKOMA_TRY_STATUS(set_aside(log, "of-schema-" + std::to_string(found.schema), say));
    return false;
  };
  Result<bool> usable = is_usable();
  if (usable || !is_damage(usable.error())) return usable;
  TACHIKOMA_TRY_STATUS(set_log_aside(log, say));
  return false;
}

}  // namespace

std::string default_log_file() {
  const std::string folder = state_folder();
  return folder.empty() ? folder : folder + "/log.db";
}

Status set_log_aside(const Database& log, const Say& say) { return set_aside(log, "damaged", say); }

Result<Database> open_log(const std::string& file, const Say& say) {
  TACHIKOMA_TRY_STATUS(check_log_file(file));
  constexpr int kTries = 3;  // more than one is for what was set aside
  for (int i = 0; i < kTries; ++i) {
    TACHIKOMA_TRY(Database log, Database::open(file, Database::Access::write, kLogPatience));
    TACHIKOMA_TRY(const bool usable, prepare_log(log, say));
    if (!usable) continue;
    // what is committed survives the end of the program; the last rows may not survive that of the machine
    TACHIKOMA_TRY_STATUS(log.run("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON"));
    return log;
  }
  return unusable_log(file, "it is replaced again and again", "find out which program does that");
}

Result<Database> read_log(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return unusable_log(file, "it is not a regular file", "name another file");
  const auto read = [&]() -> Result<Database> {
    TACHIKOMA_TRY(Database log, Database::open(file, Database::Access::read, kLogPatience));
    TACHIKOMA_TRY(const LogIdentity found, identify(log));
    TACHIKOMA_TRY_STATUS(check_log(file, found));
    if (found.schema == kLogSchema) return log;
    return unusable_log(file, "its schema is " + std::to_string(found.schema) + ", which is too old",
                        "the next request that is logged begins a new one");
  };
  Result<Database> log = read();
  if (log || log.error().code == ErrorCode::config_invalid) return log;
  const std::string_view reason = log.error().detail["reason"].as_string();
  if (reason.empty()) return log;
  return unusable_log(file, std::string(reason), log.error().hint);
}

}  // namespace tachikoma::base
