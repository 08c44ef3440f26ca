// SPDX-License-Identifier: MIT
#include "plugins/handshake.hpp"

#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

plugins::NoteContent own_note() { return {.header = {}, .fingerprint = kFingerprint, .json = "{}"}; }

/// This host's fingerprint with one more flag, or without it where it has it.
std::string toggled(std::string_view flag) {
  std::string fingerprint = kFingerprint;
  const std::size_t at = fingerprint.find(flag);
  if (at == std::string::npos) return fingerprint.append(flag);
  return fingerprint.erase(at, flag.size());
}

std::string message(const plugins::NoteContent& note) {
  const Status accepted = plugins::check_handshake(note, "foo");
  return accepted ? "accepted" : accepted.error().message + "; " + accepted.error().hint;
}

}  // namespace

TEST_CASE("a plugin that was built as this host was is accepted", "[plugins]") {
  CHECK(message(own_note()) == "accepted");
}

TEST_CASE("the ABI is judged first, then the build, then the structures", "[plugins]") {
  plugins::NoteContent note = own_note();
  note.header.layout ^= 1;
  CHECK_THAT(message(note), StartsWith("refused: same ABI number but different structures"));
  note.fingerprint = "libc++";
  CHECK_THAT(message(note),
             StartsWith("refused: it was built with another C++ standard library (plugin: libc++"));
  note.header.abi = 7;
  CHECK(message(note) ==
        "refused: built for plugin ABI 7, this host speaks 0; install foo for ABI 0, or upgrade tachikoma");
}

TEST_CASE("debug containers and sanitizers must be on both sides or on none", "[plugins]") {
  plugins::NoteContent note = own_note();
  note.fingerprint = toggled(";glibcxx-debug");
  CHECK_THAT(message(note), ContainsSubstring("debug containers"));
  note.fingerprint = toggled(";asan");
  CHECK_THAT(message(note), ContainsSubstring("the address sanitizer"));
  note.fingerprint = toggled(";tsan");
  CHECK_THAT(message(note), ContainsSubstring("the thread sanitizer"));
  note.fingerprint = toggled(";something");
  CHECK_THAT(message(note), StartsWith("refused: its build differs from the host's"));
}

TEST_CASE("a fingerprint of garbage harms nobody", "[plugins]") {
  plugins::NoteContent note = own_note();
  note.fingerprint = std::string("\xff\x1b[2J;", 6);
  CHECK_THAT(message(note), ContainsSubstring("another C++ standard library (plugin: \xEF\xBF\xBD [2J"));
}
