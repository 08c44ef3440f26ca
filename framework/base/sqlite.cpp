// SPDX-License-Identifier: MIT
#include "base/sqlite.hpp"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <sqlite3.h>
#include <thread>
#include <utility>

#include <sys/stat.h>

#include "base/json.hpp"
#include "base/try.hpp"

namespace tachikoma::base {
namespace {

constexpr char kSqliteFile[] = "libsqlite3.so.0";

Error sqlite_missing(const std::string& why) {
  return {ErrorCode::internal, "SQLite can't be used: " + why,
          "install it: it is Debian's package libsqlite3-0"};
}

Error sqlite_error(const std::string& path, const std::string& why, int code) {
  return {ErrorCode::internal,
          "'" + path + "': " + why,
          {},
          Value::object({{"file", path}, {"sqlite", code & 0xFF}, {"reason", why}})};
}

bool has_sqlite_code(const Error& error, std::initializer_list<int> codes) {
  const std::int64_t code = error.detail["sqlite"].as_integer();
  for (const int each : codes)
    if (code == each) return true;
  return false;
}

}  // namespace

/// The functions that are used, of the opened library.
class SqliteLibrary {
 public:
  static Result<std::shared_ptr<const SqliteLibrary>> open() {
    auto library = std::make_shared<SqliteLibrary>();
    // it stays: what it allocates but once is reachable from its own data alone
    library->handle_ = ::dlopen(kSqliteFile, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library->handle_) {
      const char* const why = ::dlerror();
      return sqlite_missing(why ? why : kSqliteFile);
    }
    TACHIKOMA_TRY_STATUS(library->find_all());
    return std::shared_ptr<const SqliteLibrary>(std::move(library));
  }

  decltype(&::sqlite3_open_v2) open_v2 = nullptr;
  decltype(&::sqlite3_close_v2) close_v2 = nullptr;
  decltype(&::sqlite3_busy_timeout) busy_timeout = nullptr;
  decltype(&::sqlite3_extended_errcode) errcode = nullptr;
  decltype(&::sqlite3_errmsg) errmsg = nullptr;
  decltype(&::sqlite3_errstr) errstr = nullptr;
  decltype(&::sqlite3_exec) exec = nullptr;
  decltype(&::sqlite3_prepare_v2) prepare_v2 = nullptr;
  decltype(&::sqlite3_finalize) finalize = nullptr;
  decltype(&::sqlite3_reset) reset = nullptr;
  decltype(&::sqlite3_step) step = nullptr;
  decltype(&::sqlite3_bind_null) bind_null = nullptr;
  decltype(&::sqlite3_bind_int64) bind_int64 = nullptr;
  decltype(&::sqlite3_bind_double) bind_double = nullptr;
  decltype(&::sqlite3_bind_text) bind_text = nullptr;
  decltype(&::sqlite3_bind_blob64) bind_blob = nullptr;
  decltype(&::sqlite3_column_type) column_type = nullptr;
  decltype(&::sqlite3_column_int64) column_int64 = nullptr;
  decltype(&::sqlite3_column_double) column_double = nullptr;
  decltype(&::sqlite3_column_text) column_text = nullptr;
  decltype(&::sqlite3_column_blob) column_blob = nullptr;
  decltype(&::sqlite3_column_bytes) column_bytes = nullptr;

 private:
  template <class Function>
  Status find(Function& function, const char* symbol) {
    function = reinterpret_cast<Function>(::dlsym(handle_, symbol));
    if (function) return Done{};
    return sqlite_missing(std::string("'") + kSqliteFile + "' has no function " + symbol);
  }

  Status find_all() {
    TACHIKOMA_TRY_STATUS(find(open_v2, "sqlite3_open_v2"));
    TACHIKOMA_TRY_STATUS(find(close_v2, "sqlite3_close_v2"));
    TACHIKOMA_TRY_STATUS(find(busy_timeout, "sqlite3_busy_timeout"));
    TACHIKOMA_TRY_STATUS(find(errcode, "sqlite3_extended_errcode"));
    TACHIKOMA_TRY_STATUS(find(errmsg, "sqlite3_errmsg"));
    TACHIKOMA_TRY_STATUS(find(errstr, "sqlite3_errstr"));
    TACHIKOMA_TRY_STATUS(find(exec, "sqlite3_exec"));
    TACHIKOMA_TRY_STATUS(find(prepare_v2, "sqlite3_prepare_v2"));
    TACHIKOMA_TRY_STATUS(find(finalize, "sqlite3_finalize"));
    TACHIKOMA_TRY_STATUS(find(reset, "sqlite3_reset"));
    TACHIKOMA_TRY_STATUS(find(step, "sqlite3_step"));
    TACHIKOMA_TRY_STATUS(find(bind_null, "sqlite3_bind_null"));
    TACHIKOMA_TRY_STATUS(find(bind_int64, "sqlite3_bind_int64"));
    TACHIKOMA_TRY_STATUS(find(bind_double, "sqlite3_bind_double"));
    TACHIKOMA_TRY_STATUS(find(bind_text, "sqlite3_bind_text"));
    TACHIKOMA_TRY_STATUS(find(bind_blob, "sqlite3_bind_blob64"));
    TACHIKOMA_TRY_STATUS(find(column_type, "sqlite3_column_type"));
    TACHIKOMA_TRY_STATUS(find(column_int64, "sqlite3_column_int64"));
    TACHIKOMA_TRY_STATUS(find(column_double, "sqlite3_column_double"));
    TACHIKOMA_TRY_STATUS(find(column_text, "sqlite3_column_text"));
    TACHIKOMA_TRY_STATUS(find(column_blob, "sqlite3_column_blob"));
    return find(column_bytes, "sqlite3_column_bytes");
  }

  void* handle_ = nullptr;
};

/// An open database.
struct SqliteConnection {
  SqliteConnection(std::shared_ptr<const SqliteLibrary> opened, std::string where)
      : library(std::move(opened)), path(std::move(where)) {}
  ~SqliteConnection() { library->close_v2(handle); }
  Error failure() const { return sqlite_error(path, library->errmsg(handle), library->errcode(handle)); }

  bool is_at(const std::string& place) const {
    struct stat there = {};
    return ::stat(place.c_str(), &there) == 0 && there.st_dev == file.st_dev && there.st_ino == file.st_ino;
  }

  const std::shared_ptr<const SqliteLibrary> library;
  const std::string path;
  struct stat file = {};  // as it was opened
  sqlite3* handle = nullptr;
  std::chrono::milliseconds patience{0};
};

struct Statement::Handle {
  explicit Handle(std::shared_ptr<const SqliteConnection> to) : connection(std::move(to)) {}
  ~Handle() { sqlite().finalize(statement); }
  const SqliteLibrary& sqlite() const { return *connection->library; }

  const std::shared_ptr<const SqliteConnection> connection;
  sqlite3_stmt* statement = nullptr;
};

bool is_damage(const Error& error) { return has_sqlite_code(error, {SQLITE_CORRUPT, SQLITE_NOTADB}); }
bool is_passing(const Error& error) {
  return has_sqlite_code(error, {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_FULL, SQLITE_IOERR});
}

Status Statement::bind(const Value::Array& values) {
  const auto bound = [this](int index, const Value& value) {
    const SqliteLibrary& sqlite = handle_->sqlite();
    const auto as_text = [&](std::string_view text) {
      return sqlite.bind_text(handle_->statement, index, text.data(), static_cast<int>(text.size()),
                              SQLITE_TRANSIENT);
    };
    switch (value.kind()) {
      case Value::Kind::null: return sqlite.bind_null(handle_->statement, index);
      case Value::Kind::boolean: return sqlite.bind_int64(handle_->statement, index, value.as_bool());
      case Value::Kind::integer: return sqlite.bind_int64(handle_->statement, index, value.as_integer());
      case Value::Kind::real: return sqlite.bind_double(handle_->statement, index, value.as_real());
      case Value::Kind::string: return as_text(value.as_string());
      case Value::Kind::array:
      case Value::Kind::object: break;
    }
    return as_text(to_json(value));
  };
  for (std::size_t i = 0; i < values.size(); ++i)
    if (bound(static_cast<int>(i) + 1, values[i]) != SQLITE_OK) return handle_->connection->failure();
  return Done{};
}

Status Statement::bind_bytes(int parameter, std::string_view bytes) {
  const char* const begin = bytes.empty() ? "" : bytes.data();  // null would be NULL
  const int code =
      handle_->sqlite().bind_blob(handle_->statement, parameter, begin, bytes.size(), SQLITE_STATIC);
  if (code == SQLITE_OK) return Done{};
  return handle_->connection->failure();
}

Result<bool> Statement::step() {
  const int code = handle_->sqlite().step(handle_->statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    handle_->sqlite().reset(handle_->statement);
    return false;
  }
  Error error = handle_->connection->failure();
  handle_->sqlite().reset(handle_->statement);
  return error;
}

Status Statement::run() {
  for (;;) {
    TACHIKOMA_TRY(const bool more, step());
    if (!more) return Done{};
  }
}

Value Statement::column(int index) const {
  const SqliteLibrary& sqlite = handle_->sqlite();
  switch (sqlite.column_type(handle_->statement, index)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite.column_int64(handle_->statement, index));
    case SQLITE_FLOAT: return sqlite.column_double(handle_->statement, index);
    default: break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite.column_text(handle_->statement, index));
  return std::string(text ? text : "",
                     static_cast<std::size_t>(sqlite.column_bytes(handle_->statement, index)));
}

std::string_view Statement::bytes(int index) const {
  const SqliteLibrary& sqlite = handle_->sqlite();
  const void* const begin = sqlite.column_blob(handle_->statement, index);
  const auto size = static_cast<std::size_t>(sqlite.column_bytes(handle_->statement, index));
  return begin ? std::string_view(static_cast<const char*>(begin), size) : std::string_view();
}

Result<Database> Database::open(const std::string& path, Access access, std::chrono::milliseconds patience) {
  TACHIKOMA_TRY(auto library, SqliteLibrary::open());
  // SQLite would make it for everyone; and it is not opened here, because closing a file that this process
  // has open elsewhere gives up the locks of it
  if (access == Access::write && ::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 &&
      errno != EEXIST)
    return sqlite_error(path, std::string("it can't be made (") + std::strerror(errno) + ")",
                        SQLITE_CANTOPEN);
  auto connection = std::make_shared<SqliteConnection>(library, path);
  // also for reading: only who may write can read beside somebody who writes
  const int code = library->open_v2(path.c_str(), &connection->handle,
                                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return sqlite_error(path, library->errstr(code), code);
  if (::stat(path.c_str(), &connection->file) != 0)
    return sqlite_error(path, std::string("it is gone (") + std::strerror(errno) + ")", SQLITE_CANTOPEN);
  Database database(std::move(connection));
  database.set_patience(patience);
  TACHIKOMA_TRY_STATUS(database.run("PRAGMA trusted_schema = OFF"));
  if (access == Access::read) TACHIKOMA_TRY_STATUS(database.run("PRAGMA query_only = ON"));
  return database;
}

const std::string& Database::path() const { return connection_->path; }
bool Database::is_at(const std::string& path) const { return connection_->is_at(path); }

void Database::set_patience(std::chrono::milliseconds patience) {
  connection_->patience = patience;
  connection_->library->busy_timeout(connection_->handle, static_cast<int>(patience.count()));
}

// SQLite itself does not wait here: this connection reads, and begins to write in the middle of that.
Status Database::use_write_ahead_log() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPause{5};
  for (const Clock::time_point until = Clock::now() + connection_->patience;;) {
    Status done = run("PRAGMA journal_mode = WAL");
    if (done || !has_sqlite_code(done.error(), {SQLITE_BUSY}) || Clock::now() >= until) return done;
    std::this_thread::sleep_for(kPause);
  }
}

Status Database::run(const std::string& sql) {
  if (connection_->library->exec(connection_->handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK)
    return Done{};
  return connection_->failure();
}

Result<Statement> Database::prepare(std::string_view sql) {
  auto handle = std::make_shared<Statement::Handle>(connection_);
  if (connection_->library->prepare_v2(connection_->handle, sql.data(), static_cast<int>(sql.size()),
                                       &handle->statement, nullptr) == SQLITE_OK)
    return Statement(std::move(handle));
  return connection_->failure();
}

Result<Value> Database::value_of(std::string_view sql) {
  TACHIKOMA_TRY(Statement statement, prepare(sql));
  TACHIKOMA_TRY(const bool found, statement.step());
  return found ? statement.column(0) : Value();
}

}  // namespace tachikoma::base
