// SPDX-License-Identifier: MIT
#include "plugins/module.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>

#include "base/try.hpp"
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

class LoadedModule final : public Module {
 public:
  LoadedModule(std::string plugin, const std::string& file)
      : Module(std::move(plugin)), library_(file, load_mode()) {}

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
  dll::shared_library library_;
};

}  // namespace

Result<std::shared_ptr<Module>> open_module(const std::string& plugin, const std::string& file) {
  try {
    auto module = std::make_shared<LoadedModule>(plugin, file);
    TACHIKOMA_TRY_STATUS(module->find_entry());
    return std::shared_ptr<Module>(std::move(module));
  } catch (const dll::fs::system_error& error) {
    return explain_load_failure(linker_text(error.what()), file);
  } catch (...) {
    return Error(ErrorCode::plugin_refused, "refused: its entry function " + describe_current_exception(),
                 "use TACHIKOMA_PLUGIN(registrar) { … }");
  }
}

}  // namespace tachikoma::plugins
