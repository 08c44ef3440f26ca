// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tachikoma/plugin/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tachikoma::cache {

struct SqliteLibrary;

/// What went wrong with a database, as far as it makes a difference here.
enum class DatabaseFault : std::uint8_t {
  damaged,  ///< it is no database, or not in order
  busy,     ///< another program has it locked, and for too long
  other,
};

/// Whose fault an error of a database is.
DatabaseFault fault_of(const Error& error);

/// A statement that runs, from its first step on. One thread at a time.
class Statement {
 public:
  Statement(Statement&& other) noexcept
      : sqlite_(other.sqlite_),
        database_(other.database_),
        statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Sets the next parameter. Bytes must live until the statement is gone.
  Statement& with(std::int64_t number);
  Statement& with(std::string_view bytes);
  /// Goes on to the next row; false: there is none.
  Result<bool> step();
  /// Runs to its end.
  Status run();

  std::int64_t number(int column) const;
  /// Valid until the next step.
  std::string_view bytes(int column) const;

 private:
  friend class Database;
  Statement(const SqliteLibrary& sqlite, sqlite3* database, sqlite3_stmt* statement)
      : sqlite_(sqlite), database_(database), statement_(statement) {}

  const SqliteLibrary& sqlite_;
  sqlite3* database_;
  sqlite3_stmt* statement_;
  int parameters_ = 0;
  int failed_ = 0;  // the first failure to set one
};

/// A connection to an SQLite database. Errors are `internal`, with SQLite's words and its number under
/// `detail.sqlite`. One thread at a time.
class Database {
 public:
  /// Opens a file that is there.
  static Result<Database> open(const std::string& path);
  /// How long it waits from now on for what other programs have locked; at first, for 5 s.
  void wait_for_locks(std::chrono::milliseconds patience);

  /// Runs statements without parameters or rows.
  Status run(const char* statements);
  Result<Statement> prepare(const char* statement);
  /// The one number that the statement gives.
  Result<std::int64_t> number(const char* statement);

 private:
  struct Close {
    const SqliteLibrary* sqlite;
    void operator()(sqlite3* database) const;
  };
  Database(const SqliteLibrary& sqlite, sqlite3* database)
      : sqlite_(&sqlite), database_(database, Close{&sqlite}) {}

  const SqliteLibrary* sqlite_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace tachikoma::cache
