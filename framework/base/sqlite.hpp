// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

/// Databases of SQLite, whose library is opened with the first of them: a program without one starts without
/// it. Every error is `internal`, and its detail has `sqlite`, the number of SQLite's primary error code, and
/// `reason`, its words.

namespace tachikoma::base {

struct SqliteConnection;

/// True if the file is no database, or a damaged one.
bool is_damage(const Error& error);
/// True for what may pass: another connection holds the database for longer than one waits for it, the disk
/// is full.
bool is_passing(const Error& error);

/// A prepared statement. It keeps its database open. Not synchronised.
class Statement {
 public:
  /// Sets the parameters, in order: as null, integer, real or text; an array or an object as JSON.
  Status bind(std::initializer_list<Value> values) { return bind(Value::Array(values)); }
  Status bind(const Value::Array& values);
  /// Sets one of them, counted from 1, to bytes that are no text. They must live until the statement has run.
  Status bind_bytes(int parameter, std::string_view bytes);
  /// Goes to the next row; false if there is none, and then it may be bound and run again.
  Result<bool> step();
  /// Runs to the end, and drops what comes.
  Status run();
  /// A column of the current row, counted from 0: null, integer, real or text.
  Value column(int index) const;
  /// The bytes of a column of the current row; valid until the next step.
  std::string_view bytes(int index) const;

 private:
  friend class Database;
  struct Handle;
  explicit Statement(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}

  std::shared_ptr<Handle> handle_;
};

/// A connection to a database. Not synchronised.
class Database {
 public:
  enum class Access : std::uint8_t {
    read,   ///< nothing is changed; fails without a file
    write,  ///< a file that is not there is made, for this user alone
  };
  /// `patience`: how long a statement waits for other connections. The schema of the file is not trusted to
  /// call functions that do more than compute.
  static Result<Database> open(const std::string& path, Access access, std::chrono::milliseconds patience);

  /// How long a statement waits for other connections from now on.
  void set_patience(std::chrono::milliseconds patience);
  /// From now on, and for whoever opens the file later, readers and the writer don't wait for each other.
  Status use_write_ahead_log();
  /// Runs one or several statements without parameters, and drops their rows.
  Status run(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row; null if there is none.
  Result<Value> value_of(std::string_view sql);
  /// Runs `body` in a transaction, which it is the only one to write in; if that fails, nothing has changed.
  template <class Body>
  Status transaction(const Body& body) {
    if (Status begun = run("BEGIN IMMEDIATE"); !begun) return begun;
    Status done = body();
    if (done) done = run("COMMIT");
    if (!done) (void)run("ROLLBACK");  // which fails if SQLite has done so already
    return done;
  }

  const std::string& path() const;
  /// True if that path leads to the file that was opened. Its own may lead to another one by now: then what
  /// is written is lost to whoever opens it.
  bool is_at(const std::string& path) const;

 private:
  explicit Database(std::shared_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {}

  std::shared_ptr<SqliteConnection> connection_;
};

}  // namespace tachikoma::base
