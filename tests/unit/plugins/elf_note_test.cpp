// SPDX-License-Identifier: MIT
#include "plugins/elf_note.hpp"

#include <cstring>
#include <elf.h>

#include "support/catch.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// The smallest file that the reader takes: a header, one note segment, and what each test changes.
struct ElfImage {
  Elf64_Ehdr header = {};
  Elf64_Phdr segment = {};
  std::string notes;

  ElfImage() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_machine = EM_X86_64;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof segment;
    header.e_phnum = 1;
    segment.p_type = PT_NOTE;
    segment.p_offset = sizeof header + sizeof segment;
    segment.p_align = 4;
  }

  /// Appends one note entry, padded to the segment's alignment.
  void add(std::string_view owner, std::uint32_t type, std::string_view descriptor) {
    const Elf64_Nhdr entry = {static_cast<Elf64_Word>(owner.size() + 1),
                              static_cast<Elf64_Word>(descriptor.size()), type};
    notes.append(reinterpret_cast<const char*>(&entry), sizeof entry);
    notes.append(owner).push_back('\0');
    notes.resize((notes.size() + segment.p_align - 1) / segment.p_align * segment.p_align);
    notes.append(descriptor);
    notes.resize((notes.size() + segment.p_align - 1) / segment.p_align * segment.p_align);
    segment.p_filesz = notes.size();
  }

  std::string bytes() const {
    std::string file(reinterpret_cast<const char*>(&header), sizeof header);
    file.append(reinterpret_cast<const char*>(&segment), sizeof segment);
    return file + notes;
  }

  std::string refusal() const {
    const std::string file = bytes();
    const auto note = plugins::read_note(MemoryBytes(file));
    return note ? "accepted" : note.error().message;
  }
};

std::string descriptor(std::string_view json) {
  const NoteHeader header = {};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header).append(json);
}

ElfImage good(std::uint64_t alignment = 4) {
  ElfImage image;
  image.segment.p_align = alignment;
  image.add("GNU", 3, "build");
  image.add("TACHIKOMA", 2, "another type");
  image.add("TACHIKOMA", 1, descriptor("{}"));
  return image;
}

}  // namespace

TEST_CASE("a note is found behind others, whatever the alignment of its segment", "[plugins]") {
  for (const std::uint64_t alignment : {std::uint64_t{4}, std::uint64_t{8}}) {
    const std::string file = good(alignment).bytes();
    const auto note = plugins::read_note(MemoryBytes(file));
    REQUIRE(note);
    CHECK(note->json == "{}");
    CHECK(note->header.abi == kPluginAbi);
  }
}

TEST_CASE("each thing that is wrong with a file has its own sentence", "[plugins]") {
  ElfImage image = good();
  SECTION("a 32-bit file") {
    image.header.e_ident[EI_CLASS] = ELFCLASS32;
    CHECK(image.refusal() == "refused: the file is for a 32-bit machine, this machine is x86-64");
  }
  SECTION("another byte order") {
    image.header.e_ident[EI_DATA] = ELFDATA2MSB;
    CHECK(image.refusal() == "refused: the file is for a big-endian machine, this machine is x86-64");
  }
  SECTION("a machine without a name here") {
    image.header.e_machine = 999;
    CHECK(image.refusal() == "refused: the file is for machine type 999, this machine is x86-64");
  }
  SECTION("an object file") {
    image.header.e_type = ET_REL;
    CHECK(image.refusal() == "refused: the file is an object file, not a shared library");
  }
  SECTION("a program") {
    image.header.e_type = ET_EXEC;
    CHECK(image.refusal() == "refused: the file is a program, not a shared library");
  }
  SECTION("no program headers") {
    image.header.e_phnum = 0;
    CHECK(image.refusal() == "refused: its program headers are damaged");
  }
  SECTION("program headers behind the end of the file") {
    image.header.e_phoff = UINT64_MAX - 8;
    CHECK_THAT(image.refusal(),
               testing::StartsWith("refused: the file is cut short (its program header table"));
  }
  SECTION("a section table behind the end of the file") {
    image.header.e_shoff = 5000;
    CHECK_THAT(image.refusal(),
               testing::StartsWith("refused: the file is cut short (its section table ends at byte 5000"));
  }
  SECTION("a note segment that ends behind the file") {
    image.segment.p_filesz += 1;
    CHECK_THAT(image.refusal(),
               testing::StartsWith("refused: the file is cut short (a note segment ends at byte "));
  }
  SECTION("a note segment of a size that wraps around") {
    image.segment.p_offset = UINT64_MAX - 2;
    CHECK_THAT(image.refusal(),
               testing::StartsWith("refused: the file is cut short (a note segment ends at byte "));
  }
  SECTION("another owner") {
    image = ElfImage();
    image.add("TACHIKOMB", 1, descriptor("{}"));
    CHECK(image.refusal() == "refused: it is not a Tachikoma plugin (it has no identity note)");
  }
  SECTION("a short descriptor") {
    image = ElfImage();
    image.add("TACHIKOMA", 1, "short");
    CHECK(image.refusal() == "refused: its identity note is damaged (it is too short)");
  }
  SECTION("too much text") {
    image = ElfImage();
    image.add("TACHIKOMA", 1, descriptor(std::string(plugins::kNoteJsonLimit + 1, ' ')));
    CHECK(image.refusal() == "refused: its identity note is larger than 64 KiB");
  }
  SECTION("an entry that claims more than there is") {
    const std::uint32_t much = UINT32_MAX;
    std::memcpy(image.notes.data(), &much, sizeof much);
    CHECK(image.refusal() == "refused: it is not a Tachikoma plugin (it has no identity note)");
  }
}

TEST_CASE("a name or text without an end stays within the note", "[plugins]") {
  ElfImage image;
  NoteHeader header = {};
  std::memset(header.fingerprint, 'x', sizeof header.fingerprint);
  image.add("TACHIKOMA", 1,
            std::string(reinterpret_cast<const char*>(&header), sizeof header).append("{\"a\":1}"));
  const std::string file = image.bytes();
  const auto note = plugins::read_note(MemoryBytes(file));
  REQUIRE(note);
  CHECK(note->fingerprint == std::string(64, 'x'));
  CHECK(note->json == "{\"a\":1}");
}
