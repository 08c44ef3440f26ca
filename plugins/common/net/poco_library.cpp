// SPDX-License-Identifier: MIT
#include "common/net/poco_library.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <mutex>

#include "base/own_file.hpp"
#include "base/trusted_file.hpp"
#include "base/try.hpp"
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
  const std::string plugin = base::own_file();
  if (plugin.empty()) return Error(ErrorCode::internal, "the plugin's own file can't be found");
  const std::string path =
      std::filesystem::path(plugin).parent_path() / (std::string(kPocoLibrary) + kVersion);
  Result<base::TrustedFile> trusted = base::open_trusted(path);
  if (!trusted) {
    Error error = poco_refused(trusted.error().message + "; it is what https, WebSockets and redirects need");
    if (!trusted.error().hint.empty()) error.hint = trusted.error().hint;
    return error;
  }
  // OpenSSL registers what it does at the end of the program
  void* const opened =
      ::dlopen(base::path_of_open(trusted->file).c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!opened) return poco_refused("'" + path + "' can't be opened: " + linker_error());
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
