// SPDX-License-Identifier: MIT
#include "common/net/poco_library.hpp"

#include <dlfcn.h>
#include <mutex>

#include "base/kept_signal_mask.hpp"
#include "base/trusted_file.hpp"
#include "base/try.hpp"
#include "common/net/companion.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::kit {
namespace {

constexpr char kPocoLibrary[] = "libtachikoma-poco.so.";  // and the version

Error poco_refused(std::string message) {
  return Error(ErrorCode::plugin_refused, std::move(message), "install Tachikoma's plugins again");
}

std::string linker_error() {
  const char* text = ::dlerror();
  return text ? text : "the linker gives no reason";
}

Result<void*> open_poco_library() {
  TACHIKOMA_TRY(const base::TrustedFile library,
                open_companion(std::string(kPocoLibrary) + kVersion,
                               "it is what https, WebSockets and redirects need"));
  const base::KeptSignalMask signals;
  // OpenSSL registers what it does at the end of the program
  void* const opened =
      ::dlopen(base::path_of_open(library.file).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!opened) return poco_refused("'" + library.path + "' can't be opened: " + linker_error());
  return opened;
}

}  // namespace

Result<void*> poco_symbol(const std::string& name) {
  static std::mutex mutex;
  static void* library = nullptr;
  const std::lock_guard lock(mutex);
  if (!library) {
    TACHIKOMA_TRY(library, open_poco_library());
  }
  void* const symbol = ::dlsym(library, name.c_str());
  if (!symbol) return poco_refused("'" + name + "' is missing: " + linker_error());
  return symbol;
}

}  // namespace tachikoma::kit
