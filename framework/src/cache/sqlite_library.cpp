// SPDX-License-Identifier: MIT
#include "cache/sqlite_library.hpp"

#include <dlfcn.h>
#include <string>

namespace tachikoma::cache {
namespace {

constexpr char kLibrary[] = "libsqlite3.so.0";

/// What became of opening it.
struct Opened {
  SqliteLibrary functions;
  std::string fault;  // empty: none
};

Opened open_library() {
  Opened opened;
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  const auto find = [&](auto& function, const char* name) {
    if (!library || !opened.fault.empty()) return;
    using Function = std::remove_reference_t<decltype(function)>;
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (!function) opened.fault = std::string("it has no '") + name + "'";
  };
  if (!library) {
    const char* const reason = ::dlerror();
    opened.fault = reason ? reason : "the linker gives no reason";
  }
  SqliteLibrary& all = opened.functions;
  find(all.open, "sqlite3_open_v2");
  find(all.close, "sqlite3_close_v2");
  find(all.message, "sqlite3_errmsg");
  find(all.describe, "sqlite3_errstr");
  find(all.busy_timeout, "sqlite3_busy_timeout");
  find(all.exec, "sqlite3_exec");
  find(all.prepare, "sqlite3_prepare_v2");
  find(all.bind_int64, "sqlite3_bind_int64");
  find(all.bind_blob, "sqlite3_bind_blob64");
  find(all.step, "sqlite3_step");
  find(all.column_int64, "sqlite3_column_int64");
  find(all.column_blob, "sqlite3_column_blob");
  find(all.column_bytes, "sqlite3_column_bytes");
  find(all.finalize, "sqlite3_finalize");
  return opened;
}

}  // namespace

Result<const SqliteLibrary*> sqlite_library() {
  static const Opened opened = open_library();
  if (opened.fault.empty()) return &opened.functions;
  return Error(ErrorCode::unsupported, std::string("'") + kLibrary + "' can't be used (" + opened.fault + ")",
               "install SQLite: on Debian the package libsqlite3-0");
}

}  // namespace tachikoma::cache
