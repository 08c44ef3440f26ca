// SPDX-License-Identifier: MIT
// What belongs to the whole program, and not to a plugin: it is the same after the plugin was used as before.
#include <array>
#include <clocale>
#include <exception>
#include <filesystem>
#include <fstream>
#include <locale>
#include <sstream>
#include <unistd.h>

#include <sys/stat.h>

#include "conformance/check.hpp"
#include "conformance/component_settings.hpp"
#include "conformance/listener.hpp"

extern char** environ;

namespace tachikoma::conformance {
namespace {

void use(Provider& provider) {
  Call& call = new_call(choose_model(provider), "Hello");
  calling("chat()");
  (void)call.run(provider);
}
void use(Tool& tool) {
  const Result<Value> arguments = sample_of(tool.spec().parameters, "/tmp");
  CallCancellation never;
  calling("call()");
  if (arguments) (void)tool.call(*arguments, {never, "check"});
}
void use(Monitor& monitor) {
  calling("on_event()");
  monitor.on_event({});
  (void)monitor.flush();
}

// Each component is made, used and destroyed; a failure of that is judged elsewhere.
template <class C>
void use_each(const LoadedPlugin& plugin) {
  each<C>(plugin, [](const Candidate<C>& candidate) {
    const auto made = candidate.make();
    if (made) use(**made);
    return pass();
  });
}

/// `before` and `after` the plugin was used, what `look` sees has to be the same. `thing` is what is seen.
template <class Look>
Verdict unchanged(const Subject& subject, const std::string& thing, const Look& look) {
  const auto before = look();
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  if (!plugin) return fail(in_words(plugin.error()));
  use_each<Provider>(*plugin);
  use_each<Tool>(*plugin);
  use_each<Monitor>(*plugin);
  const auto after = look();
  if (before == after) return pass();
  return fail("it changes " + thing + " from '" + before + "' to '" + after + "'");
}

Verdict keeps_folder(const Subject& subject) {
  return unchanged(subject, "the current folder", [] {
    std::error_code failed;
    return std::filesystem::current_path(failed).string();
  });
}

Verdict keeps_locale(const Subject& subject) {
  return unchanged(subject, "the locale",
                   [] { return std::string(std::setlocale(LC_ALL, nullptr)) + ", " + std::locale().name(); });
}

Verdict keeps_umask(const Subject& subject) {
  return unchanged(subject, "the umask", [] {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return std::to_string(mask);
  });
}

// The signals that are blocked, ignored and caught, as masks. Two are the C library's own, for threads.
Verdict keeps_signals(const Subject& subject) {
  return unchanged(subject, "what signals do", [] {
    constexpr unsigned long long kOfLibrary = 3ULL << 31;
    std::ifstream status("/proc/self/status");
    std::ostringstream masks;
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("SigBlk:") || line.starts_with("SigIgn:") || line.starts_with("SigCgt:"))
        masks << line.substr(3, 4) << std::hex << (std::stoull(line.substr(7), nullptr, 16) & ~kOfLibrary)
              << ' ';
    return masks.str();
  });
}

Verdict keeps_streams(const Subject& subject) {
  return unchanged(subject, "the standard streams", [] {
    std::string files;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      struct stat status = {};
      const bool open = ::fstat(fd, &status) == 0;
      files += (fd ? " " : "") +
               (open ? std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) : "closed");
    }
    return files;
  });
}

Verdict keeps_environment(const Subject& subject) {
  return unchanged(subject, "the environment", [] {
    std::string all;
    for (char** each = environ; each && *each; ++each) all += std::string(*each) + "\n";
    return all;
  });
}

Verdict keeps_terminate(const Subject& subject) {
  return unchanged(subject, "the handlers of the C++ library", [] {
    return std::to_string(reinterpret_cast<std::uintptr_t>(std::get_terminate())) + " " +
           std::to_string(reinterpret_cast<std::uintptr_t>(std::get_new_handler()));
  });
}

Verdict writes_nothing(const Subject& subject) {
  return unchanged(subject, "what the program has written", [] {
    struct stat status = {};
    ::fstat(output_file(), &status);
    std::string text(static_cast<std::size_t>(std::min<off_t>(status.st_size, 200)), '\0');
    const ssize_t count = ::pread(output_file(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return text;
  });
}

// A check of what happens in use can't tell it from a crash.
constexpr std::string_view kAllAreUsed = "component.capability provider.answers tool.called monitor.flush";

}  // namespace

std::span<const Check> process_checks() {
  static constexpr std::array kChecks{
      Check{{"process.folder", "it leaves the current folder as it is", "use absolute paths, or openat()"},
            kAllAreUsed,
            keeps_folder},
      Check{{"process.locale", "it leaves the locale as it is",
             "format numbers by std::to_chars, or a stream with a locale of its own"},
            kAllAreUsed,
            keeps_locale},
      Check{{"process.umask", "it leaves the umask as it is", "name the mode of a file when you create it"},
            kAllAreUsed,
            keeps_umask},
      Check{{"process.signals", "it leaves signals as they are",
             "signals are the program's; send to sockets with MSG_NOSIGNAL"},
            kAllAreUsed,
            keeps_signals},
      Check{{"process.streams", "it leaves the descriptors 0 to 2 as they are",
             "they are the program's: close only what you have opened"},
            kAllAreUsed,
            keeps_streams},
      Check{{"process.environment", "it leaves the environment as it is",
             "setenv() is no call for a process with threads: pass what you need to the child process alone"},
            kAllAreUsed,
            keeps_environment},
      Check{{"process.handlers", "it leaves std::terminate and operator new as they are",
             "they are the program's: set no handler"},
            kAllAreUsed,
            keeps_terminate},
      Check{{"process.output", "it writes nothing to the program's standard output or error",
             "use Host::log: the program decides where that goes"},
            kAllAreUsed,
            writes_nothing},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
