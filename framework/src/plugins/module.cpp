// SPDX-License-Identifier: MIT
#include "plugins/module.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <utility>
#include <vector>

#include <boost/dll/shared_library.hpp>
#include <sys/stat.h>

#include "base/kept_signal_mask.hpp"
#include "base/trusted_file.hpp"
#include "base/try.hpp"
#include "plugins/call_mark.hpp"
#include "plugins/elf_needs.hpp"
#include "plugins/guard.hpp"
#include "plugins/load_failure.hpp"
#include "plugins/text.hpp"

namespace tachikoma::plugins {
namespace {

namespace dll = boost::dll;

dll::load_mode::type load_mode() {
  // lazy binding, Boost's default, ends the process at the first call of a missing function
  auto mode = dll::load_mode::rtld_now | dll::load_mode::rtld_local;
#if defined(__SANITIZE_ADDRESS__)
  // LeakSanitizer can't name the frames of a library that is gone
  mode |= static_cast<dll::load_mode::type>(RTLD_NODELETE);
#endif
  return mode;
}

/// Boost's error codes say nothing; the cause is in the text of the exception.
std::string linker_text(std::string_view what) {
  constexpr std::string_view kMark = "(dlerror system message: ";
  const std::size_t start = what.find(kMark);
  if (start == std::string_view::npos) return std::string(what);
  what.remove_prefix(start + kMark.size());
  return std::string(what.substr(0, what.rfind("): ")));
}

// The linker's text with the file's own name.
std::string with_name(std::string text, const std::string& path, const std::string& file) {
  for (std::size_t at = 0; (at = text.find(path, at)) != std::string::npos; at += file.size())
    text.replace(at, path.size(), file);
  return text;
}

class LoadedModule final : public Module {
 public:
  LoadedModule(std::string plugin, base::Descriptor file)
      : Module(std::move(plugin)), file_(std::move(file)), path_(base::path_of_open(file_)) {}

  const std::string& path() const { return path_; }

  // What lies beside it, for the linker to find by name: "$ORIGIN" means nothing at the path of an open file.
  Status map_bundled(const std::string& file) {
    struct stat status = {};
    ::fstat(file_.value(), &status);
    const Needs needs =
        read_needs(base::FileBytes(file_.value(), static_cast<std::uint64_t>(status.st_size)));
    for (const std::string& library :
         bundled_libraries(needs, std::filesystem::path(file).parent_path().string())) {
      const Result<base::TrustedFile> trusted = base::open_trusted(library);
      if (!trusted)
        return refusal("of a library beside it: " + trusted.error().message, trusted.error().hint);
      bundled_.emplace_back(trusted->path, load_mode());
    }
    return Done{};
  }

  void map() { library_.load(path_, load_mode()); }

  Status find_entry() {
    if (!library_.has(kEntrySymbol))
      return Error(ErrorCode::plugin_refused,
                   "refused: it has no entry function (" + std::string(kEntrySymbol) + ")",
                   "write TACHIKOMA_PLUGIN(registrar) { … } in one of its sources");
    entry_ = library_.get<const PluginEntry*()>(kEntrySymbol)();
    if (!entry_ || entry_->struct_size != sizeof(PluginEntry) || !entry_->register_components)
      return Error(ErrorCode::plugin_refused, "refused: its entry function returns no usable entry",
                   "use TACHIKOMA_PLUGIN(registrar) { … }");
    return Done{};
  }

 private:
  const base::Descriptor file_;  // open as long as its path is in use: debuggers look at it
  const std::string path_;
  std::vector<dll::shared_library> bundled_;
  dll::shared_library library_;
};

}  // namespace

Result<std::shared_ptr<Module>> open_module(const std::string& plugin, const std::string& file,
                                            base::Descriptor library) {
  const auto module = std::make_shared<LoadedModule>(plugin, std::move(library));
  const base::KeptSignalMask signals;
  const CallMark mark({.plugin = plugin});
  try {
    TACHIKOMA_TRY_STATUS(module->map_bundled(file));
    module->map();
    TACHIKOMA_TRY_STATUS(module->find_entry());
    return std::shared_ptr<Module>(module);
  } catch (const dll::fs::system_error& error) {
    return explain_load_failure(with_name(linker_text(error.what()), module->path(), file), file);
  } catch (...) {
    return Error(ErrorCode::plugin_refused, "refused: its entry function " + describe_current_exception(),
                 "use TACHIKOMA_PLUGIN(registrar) { … }");
  }
}

}  // namespace tachikoma::plugins
