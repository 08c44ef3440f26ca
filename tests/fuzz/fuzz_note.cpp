// SPDX-License-Identifier: MIT
// The bytes of a file that calls itself a plugin: everything that is read of it before it is trusted.
#include <cstdint>

#include "base/utf8.hpp"
#include "config/plugin_schemas.hpp"
#include "fuzz/expect.hpp"
#include "plugins/elf_needs.hpp"
#include "plugins/elf_note.hpp"
#include "plugins/handshake.hpp"
#include "plugins/plugin_file.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

void check_refusal(const Error& error) {
  expect(error.code == ErrorCode::plugin_refused && error.message.starts_with("refused: "),
         "a plugin is refused as one");
  for (char c : error.message)
    expect(static_cast<unsigned char>(c) >= 0x20, "a refusal holds no control character");
  expect(base::is_utf8(error.message), "a refusal can be shown");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryBytes file({reinterpret_cast<const char*>(data), size});
  const Result<plugins::NoteContent> note = plugins::read_note(file);
  if (!note) {
    check_refusal(note.error());
    return 0;
  }
  expect(note->json.size() <= plugins::kNoteJsonLimit, "a note is no larger than its limit");
  for (const std::string& library : plugins::read_needs(file).libraries)
    expect(library.size() <= size, "a name is a part of the file");
  PluginReport report;
  if (const Status described = plugins::describe(*note, report); !described) check_refusal(described.error());
  if (const Status accepted = plugins::check_handshake(*note, report.name); !accepted)
    check_refusal(accepted.error());
  for (const Member& schema : report.config_schema.members()) config::schema_fault(schema.value);
  return 0;
}
