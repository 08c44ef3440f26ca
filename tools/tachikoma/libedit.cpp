// SPDX-License-Identifier: MIT
#include "libedit.hpp"

#include <dlfcn.h>
#include <string>

#include "base/try.hpp"

namespace tachikoma::cli {
namespace {

constexpr char kFile[] = "libedit.so.2";

Error missing(const std::string& why) {
  return {ErrorCode::internal, "lines can't be edited: " + why,
          "install libedit: it is Debian's package libedit2"};
}

template <class Function>
Status find(void* library, Function& function, const char* symbol) {
  function = reinterpret_cast<Function>(::dlsym(library, symbol));
  if (function) return Done{};
  return missing(std::string("'") + kFile + "' has no function " + symbol);
}

}  // namespace

Result<Libedit> Libedit::open() {
  void* const library = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char* const why = ::dlerror();
    return missing(why ? why : kFile);
  }
  Libedit found;
  TACHIKOMA_TRY_STATUS(find(library, found.init, "el_init_fd"));
  TACHIKOMA_TRY_STATUS(find(library, found.end, "el_end"));
  TACHIKOMA_TRY_STATUS(find(library, found.gets, "el_gets"));
  TACHIKOMA_TRY_STATUS(find(library, found.set, "el_set"));
  TACHIKOMA_TRY_STATUS(find(library, found.line, "el_line"));
  TACHIKOMA_TRY_STATUS(find(library, found.insert, "el_insertstr"));
  TACHIKOMA_TRY_STATUS(find(library, found.resize, "el_resize"));
  TACHIKOMA_TRY_STATUS(find(library, found.source, "el_source"));
  TACHIKOMA_TRY_STATUS(find(library, found.history_init, "history_init"));
  TACHIKOMA_TRY_STATUS(find(library, found.history_end, "history_end"));
  TACHIKOMA_TRY_STATUS(find(library, found.history, "history"));
  return found;
}

}  // namespace tachikoma::cli
