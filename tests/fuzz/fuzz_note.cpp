// SPDX-License-Identifier: MIT
// The bytes of a file that calls itself a plugin: everything that is read of it before it is trusted.
#include <cstdint>
#include <cstring>

#include "base/utf8.hpp"
#include "config/schema_check.hpp"
#include "fuzz/expect.hpp"
#include "plugins/elf_note.hpp"
#include "plugins/handshake.hpp"
#include "plugins/plugin_file.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

class MemoryBytes final : public plugins::Bytes {
 public:
  MemoryBytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override {
    if (offset > size_ || count > size_ - offset) return false;
    if (count > 0) std::memcpy(to, data_ + offset, count);
    return true;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

void check_refusal(const Error& error) {
  expect(error.code == ErrorCode::plugin_refused && error.message.starts_with("refused: "),
         "a plugin is refused as one");
  for (char c : error.message)
    expect(static_cast<unsigned char>(c) >= 0x20, "a refusal holds no control character");
  expect(base::is_utf8(error.message), "a refusal can be shown");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<plugins::NoteContent> note = plugins::read_note(MemoryBytes(data, size));
  if (!note) {
    check_refusal(note.error());
    return 0;
  }
  expect(note->json.size() <= plugins::kNoteJsonLimit, "a note is no larger than its limit");
  PluginReport report;
  if (const Status described = plugins::describe(*note, report); !described) check_refusal(described.error());
  if (const Status accepted = plugins::check_handshake(*note, report.name); !accepted)
    check_refusal(accepted.error());
  for (const Member& schema : report.config_schema.members()) config::schema_fault(schema.value);
  return 0;
}
