// SPDX-License-Identifier: MIT
// Loading, registering and unloading.
#include <array>
#include <ctime>
#include <fstream>
#include <string>

#include "conformance/check.hpp"
#include "conformance/resources.hpp"
#include "plugins/module.hpp"
#include "plugins/plugin_file.hpp"

namespace tachikoma::conformance {
namespace {

constexpr double kMostStartSeconds = 0.5;  // of a processor

Verdict opens(const Subject& subject) {
  plugins::ExaminedPlugin examined = plugins::examine_file(subject.file);
  if (examined.report.refused) return fail(examined.report.refused->message);
  calling("its static constructors or its entry function");
  const auto module = plugins::open_module(subject.report.name, subject.file, std::move(examined.file));
  return module ? pass() : fail(module.error().message);
}

Verdict registers(const Subject& subject) {
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  return plugin ? pass() : fail(plugin.error().message);
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Verdict loads_quickly(const Subject& subject) {
  const double before = processor_seconds();
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  const double spent = processor_seconds() - before;
  if (!plugin) return fail(plugin.error().message);
  if (spent < kMostStartSeconds) return pass();
  return fail("loading it takes " + std::to_string(static_cast<int>(spent * 1000)) + " ms of a processor; " +
              std::to_string(static_cast<int>(kMostStartSeconds * 1000)) + " ms are allowed");
}

Verdict loads_without_threads(const Subject& subject) {
  const std::size_t before = count_threads();
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  if (!plugin) return fail(plugin.error().message);
  const std::size_t after = count_threads();
  return after == before ? pass() : fail("loading it starts " + std::to_string(after - before) + " threads");
}

Verdict loads_without_files(const Subject& subject) {
  const std::size_t before = open_files().size();
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  if (!plugin) return fail(plugin.error().message);
  const std::size_t more = open_files().size() - before;
  return more <= 1 ? pass()  // its own
                   : fail("loading it leaves " + std::to_string(more - 1) + " files open");
}

bool is_mapped(const std::string& file) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with(file)) return true;
  return false;
}

Verdict loads_twice(const Subject& subject) {
  const Result<LoadedPlugin> first = LoadedPlugin::load(subject), second = LoadedPlugin::load(subject);
  if (!first || !second) return fail((first ? second : first).error().message);
  return pass();
}

Verdict unloads(const Subject& subject) {
#if defined(__SANITIZE_ADDRESS__)
  return skip("the address sanitizer keeps all code in memory");
#endif
  const std::size_t threads = count_threads();
  {
    const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject, true);
    if (!plugin) return fail(plugin.error().message);
    each_of_all(*plugin, [](const auto& candidate) { return candidate.make() ? pass() : skip(""); });
  }
  settled_threads(threads);
  return is_mapped(subject.report.file) ? fail("its code is still in memory when nobody uses it any more")
                                        : pass();
}

}  // namespace

std::span<const Check> load_checks() {
  static constexpr std::array kChecks{
      Check{{"load.opens", "it can be loaded, and has its entry function",
             "write TACHIKOMA_PLUGIN(registrar) { … }; do nothing in static constructors"},
            "symbols.undefined",
            opens},
      Check{{"load.registers", "it registers exactly what its note says",
             "register each component that PROVIDES lists, once, and no other"},
            "load.opens",
            registers},
      Check{{"load.twice", "two hosts in one process can load it", "keep no state in global variables"},
            "load.registers",
            loads_twice},
      Check{{"load.cost", "loading it takes little time",
             "do what takes time in the factory, or at the first call"},
            "load.registers",
            loads_quickly},
      Check{{"load.threads", "loading it starts no thread",
             "start threads in the factory, or at the first call"},
            "load.registers",
            loads_without_threads},
      Check{{"load.files", "loading it opens nothing",
             "open files and sockets in the factory, or at the first call"},
            "load.registers",
            loads_without_files},
      Check{{"load.unloads", "its code leaves memory when nobody uses it any more",
             "export nothing but the entry, use no thread_local with a destructor, and join all threads"},
            "component.threads load.threads",
            unloads},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
