// SPDX-License-Identifier: MIT
#pragma once

#include <sqlite3.h>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::cache {

/// The functions of SQLite that are used here.
struct SqliteLibrary {
  decltype(&sqlite3_open_v2) open = nullptr;
  decltype(&sqlite3_close_v2) close = nullptr;
  decltype(&sqlite3_errmsg) message = nullptr;
  decltype(&sqlite3_errstr) describe = nullptr;
  decltype(&sqlite3_busy_timeout) busy_timeout = nullptr;
  decltype(&sqlite3_exec) exec = nullptr;
  decltype(&sqlite3_prepare_v2) prepare = nullptr;
  decltype(&sqlite3_bind_int64) bind_int64 = nullptr;
  decltype(&sqlite3_bind_blob64) bind_blob = nullptr;
  decltype(&sqlite3_step) step = nullptr;
  decltype(&sqlite3_column_int64) column_int64 = nullptr;
  decltype(&sqlite3_column_blob) column_blob = nullptr;
  decltype(&sqlite3_column_bytes) column_bytes = nullptr;
  decltype(&sqlite3_finalize) finalize = nullptr;
};

/// SQLite, which is opened when it is first needed, and stays open: a program without a response cache starts
/// as fast as if there were none. Fails with `unsupported` where it is not installed. [thread-safe]
Result<const SqliteLibrary*> sqlite_library();

}  // namespace tachikoma::cache
