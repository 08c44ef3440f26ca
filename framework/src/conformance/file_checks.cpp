// SPDX-License-Identifier: MIT
// What the file is, read without running any of its code.
#include <algorithm>
#include <array>
#include <optional>

#include "base/lists.hpp"
#include "base/trusted_file.hpp"
#include "conformance/check.hpp"
#include "conformance/dynamic_symbols.hpp"
#include "plugins/elf_needs.hpp"
#include "plugins/elf_note.hpp"
#include "plugins/handshake.hpp"
#include "plugins/plugin_file.hpp"
#include "plugins/text.hpp"
#include "tachikoma/plugin/entry.hpp"

namespace tachikoma::conformance {
namespace {

// A judgement on the file's bytes, once it is open.
template <class Judge>
Verdict of_file(const Subject& subject, const Judge& judge) {
  const Result<base::TrustedFile> opened = base::open_trusted(subject.file);
  if (!opened) return fail(opened.error().message);
  return judge(base::FileBytes(opened->file.value(), opened->size));
}

Verdict is_trusted(const Subject& subject) {
  return of_file(subject, [](const base::Bytes&) { return pass(); });
}

Verdict has_note(const Subject& subject) {
  return of_file(subject, [](const base::Bytes& file) {
    const Result<plugins::NoteContent> note = plugins::read_note(file);
    return note ? pass() : fail(note.error().message);
  });
}

Verdict fits_host(const Subject& subject) {
  return of_file(subject, [&](const base::Bytes& file) {
    const Result<plugins::NoteContent> note = plugins::read_note(file);
    if (!note) return fail(note.error().message);
    const Status met = plugins::check_handshake(*note, subject.report.name);
    return met ? pass() : fail(met.error().message);
  });
}

Verdict describes_itself(const Subject& subject) {
  if (subject.report.refused) return fail(subject.report.refused->message);
  if (subject.report.version.empty()) return fail("its note has no version");
  return pass();
}

template <class Judge>
Verdict of_linkage(const Subject& subject, const Judge& judge) {
  return of_file(subject, [&](const base::Bytes& file) { return judge(read_linkage(file)); });
}

std::string demangled(const std::string& symbol) {
  return symbol.starts_with("_Z") ? plugins::demangled(symbol) : symbol;
}

// "'a', 'b' and 20 more".
std::string some_of(const std::vector<std::string>& symbols) {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(symbols.size(), kMost); ++i) shown.push_back(demangled(symbols[i]));
  const std::size_t more = symbols.size() - shown.size();
  return base::quoted_list(shown) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

Verdict exports_only_entry(const Subject& subject) {
  return of_linkage(subject, [](Linkage linkage) {
    std::erase(linkage.exported, std::string(kEntrySymbol));
    return linkage.exported.empty() ? pass() : fail("it exports " + some_of(linkage.exported) + " too");
  });
}

Verdict needs_nothing_of_host(const Subject& subject) {
  return of_linkage(subject, [](Linkage linkage) {
    std::erase_if(linkage.undefined, [](const std::string& symbol) {
      return symbol.find("9tachikoma") == std::string::npos && !symbol.starts_with("tachikoma_");
    });
    return linkage.undefined.empty() ? pass() : fail("it lacks " + some_of(linkage.undefined));
  });
}

Verdict is_not_linked_with_host(const Subject& subject) {
  return of_file(subject, [](const base::Bytes& file) {
    for (const std::string& library : plugins::read_needs(file).libraries)
      if (library.starts_with("libtachikoma.so")) return fail("it is linked with " + library);
    return pass();
  });
}

Verdict binds_at_once(const Subject& subject) {
  return of_linkage(subject, [](const Linkage& linkage) {
    return linkage.binds_at_once ? pass() : fail("it looks for a function when it is first called");
  });
}

Verdict keeps_code_apart(const Subject& subject) {
  return of_linkage(subject, [](const Linkage& linkage) {
    if (linkage.executable_stack) return fail("it makes the stack executable");
    return linkage.patched_code ? fail("its code is changed when it is loaded") : pass();
  });
}

constexpr char kUseFunction[] = "build it with tachikoma_add_plugin(), which sets every flag that is needed";

}  // namespace

std::span<const Check> file_checks() {
  static constexpr std::array kChecks{
      Check{{"file.trusted", "only you and root can choose what the file is",
             "the file and its folder belong to you or root, and nobody else may write them"},
            "",
            is_trusted},
      Check{{"file.note", "it is a whole library for this machine, with a note that says what it is",
             kUseFunction},
            "file.trusted",
            has_note},
      Check{{"file.handshake", "it was built for this version and this standard library",
             "rebuild it against the headers of the Tachikoma that is to load it"},
            "file.note",
            fits_host},
      Check{{"file.described", "its note has a name, a version, and components with usable names",
             "give tachikoma_add_plugin() a VERSION and PROVIDES"},
            "file.handshake",
            describes_itself},
  };
  return kChecks;
}

std::span<const Check> symbol_checks() {
  static constexpr std::array kChecks{
      Check{{"symbols.exported", "it exports its entry function and nothing else",
             "hide all else: what is exported is mixed up with other plugins, and keeps the code in memory"},
            "file.described",
            exports_only_entry},
      Check{{"symbols.undefined", "it needs no function of the host",
             "include Tachikoma's headers alone; what a plugin needs comes through its arguments"},
            "file.described",
            needs_nothing_of_host},
      Check{{"symbols.libraries", "it is not linked with the host's library",
             "link tachikoma::plugin, not tachikoma::tachikoma: the host would be in the process twice"},
            "file.described",
            is_not_linked_with_host},
      Check{{"symbols.binding", "what it needs of other libraries is found when it is loaded, or not at all",
             "link it with -z now: a function that is missing would end the process at its first call"},
            "file.described",
            binds_at_once},
      Check{{"symbols.code", "its code and its data are apart",
             "compile it with -fPIC, and link it with -z noexecstack"},
            "file.described",
            keeps_code_apart},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
