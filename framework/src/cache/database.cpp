// SPDX-License-Identifier: MIT
#include "cache/database.hpp"

#include "base/try.hpp"
#include "cache/sqlite_library.hpp"

namespace tachikoma::cache {
namespace {

Error error_of(const SqliteLibrary& sqlite, int code, sqlite3* database) {
  const char* const words = database ? sqlite.message(database) : sqlite.describe(code);
  return Error(ErrorCode::internal, words, {}, Value::object({{"sqlite", code}}));
}

}  // namespace

DatabaseFault fault_of(const Error& error) {
  switch (error.detail["sqlite"].as_integer() & 0xff) {  // the rest says more about each
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return DatabaseFault::damaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return DatabaseFault::busy;
    default: return DatabaseFault::other;
  }
}

Statement::~Statement() { sqlite_.finalize(statement_); }  // which does nothing for null

Statement& Statement::with(std::int64_t number) {
  const int code = sqlite_.bind_int64(statement_, ++parameters_, number);
  if (failed_ == SQLITE_OK) failed_ = code;
  return *this;
}

Statement& Statement::with(std::string_view bytes) {
  const char* const begin = bytes.empty() ? "" : bytes.data();  // null would be NULL
  const int code = sqlite_.bind_blob(statement_, ++parameters_, begin, bytes.size(), SQLITE_STATIC);
  if (failed_ == SQLITE_OK) failed_ = code;
  return *this;
}

Result<bool> Statement::step() {
  if (failed_ != SQLITE_OK) return error_of(sqlite_, failed_, nullptr);
  const int code = sqlite_.step(statement_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) return code == SQLITE_ROW;
  return error_of(sqlite_, code, database_);
}

Status Statement::run() {
  for (;;) {
    TACHIKOMA_TRY(const bool more, step());
    if (!more) return Done{};
  }
}

std::int64_t Statement::number(int column) const { return sqlite_.column_int64(statement_, column); }

std::string_view Statement::bytes(int column) const {
  const void* const begin = sqlite_.column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite_.column_bytes(statement_, column));
  return begin ? std::string_view(static_cast<const char*>(begin), size) : std::string_view();
}

void Database::Close::operator()(sqlite3* database) const { sqlite->close(database); }

Result<Database> Database::open(const std::string& path) {
  TACHIKOMA_TRY(const SqliteLibrary* sqlite, sqlite_library());
  sqlite3* opened = nullptr;
  const int code = sqlite->open(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(*sqlite, opened);  // which there is even after a failure, to be closed
  if (code != SQLITE_OK) return error_of(*sqlite, code, opened);
  database.wait_for_locks(std::chrono::seconds(5));
  return database;
}

void Database::wait_for_locks(std::chrono::milliseconds patience) {
  sqlite_->busy_timeout(database_.get(), static_cast<int>(patience.count()));
}

Status Database::run(const char* statements) {
  const int code = sqlite_->exec(database_.get(), statements, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return Done{};
  return error_of(*sqlite_, code, database_.get());
}

Result<Statement> Database::prepare(const char* statement) {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite_->prepare(database_.get(), statement, -1, &prepared, nullptr);
  if (code == SQLITE_OK) return Statement(*sqlite_, database_.get(), prepared);
  return error_of(*sqlite_, code, database_.get());
}

Result<std::int64_t> Database::number(const char* statement) {
  TACHIKOMA_TRY(Statement asked, prepare(statement));
  TACHIKOMA_TRY(const bool there, asked.step());
  return there ? asked.number(0) : 0;
}

}  // namespace tachikoma::cache
