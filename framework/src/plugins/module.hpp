// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "tachikoma/plugin/entry.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::plugins {

/// A plugin's code in memory. Everything that may still run it, or holds an object that it made, shares
/// its ownership; the last owner unmaps it.
class Module {
 public:
  virtual ~Module() = default;
  const std::string& plugin() const { return plugin_; }
  const PluginEntry& entry() const { return *entry_; }
  /// Counts one more contract violation of this plugin; returns the total. [thread-safe]
  unsigned count_fault() { return ++faults_; }

 protected:
  explicit Module(std::string plugin) : plugin_(std::move(plugin)) {}
  const PluginEntry* entry_ = nullptr;

 private:
  std::string plugin_;
  std::atomic<unsigned> faults_{0};
};

/// Maps the open library, which was checked before, binding all of its symbols, and gets its entry. `file` is
/// what messages call it. Messages as those of `read_note`, or "cannot load: …". The library's static
/// constructors run here; one that throws ends the program: the dynamic linker holds its lock then, and can't
/// be unwound.
Result<std::shared_ptr<Module>> open_module(const std::string& plugin, const std::string& file,
                                            base::Descriptor library);

}  // namespace tachikoma::plugins
