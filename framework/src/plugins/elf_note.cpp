// SPDX-License-Identifier: MIT
#include "plugins/elf_note.hpp"

#include <cstring>
#include <elf.h>
#include <optional>
#include <vector>

#include "base/try.hpp"
#include "plugins/text.hpp"

namespace tachikoma::plugins {
namespace {

constexpr char kRebuild[] = "build it with tachikoma_add_plugin()";
constexpr char kCopyAgain[] = "copy or install the file again";
constexpr std::uint64_t kSegmentLimit = 1 << 20;  // notes are small; larger segments are not searched
constexpr std::size_t kHeaderLimit = 4096;        // program headers; real libraries have about ten

Error cut_short(const std::string& what, std::uint64_t end, std::uint64_t size) {
  return refusal("the file is cut short (" + what + " ends at byte " + std::to_string(end) +
                     ", the file has " + std::to_string(size) + " bytes)",
                 kCopyAgain);
}

Error changed() { return refusal("the file changed while it was read", "try again when it is complete"); }

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_386: return "x86 (32-bit)";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "arm (32-bit)";
    case EM_AARCH64: return "aarch64";
    case EM_RISCV: return "riscv";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390";
    default: return "machine type " + std::to_string(machine);
  }
}

/// True when [offset, offset + length) lies within `size`, whatever the numbers are.
bool within(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

/// The end of a range for a message; the largest number when it would overflow.
std::uint64_t end_of(std::uint64_t offset, std::uint64_t length) {
  return offset > UINT64_MAX - length ? UINT64_MAX : offset + length;
}

Result<Elf64_Ehdr> read_header(const base::Bytes& file) {
  if (file.size() == 0) return refusal("the file is empty", kCopyAgain);
  unsigned char ident[EI_NIDENT] = {};
  const std::size_t available =
      file.size() < sizeof ident ? static_cast<std::size_t>(file.size()) : sizeof ident;
  if (!file.read(0, ident, available)) return changed();
  const std::size_t magic = available < SELFMAG ? available : SELFMAG;
  if (std::memcmp(ident, ELFMAG, magic) != 0)
    return refusal("the file is not a shared library (it has no ELF header)", kRebuild);
  if (file.size() < sizeof(Elf64_Ehdr)) return cut_short("its header", sizeof(Elf64_Ehdr), file.size());
  Elf64_Ehdr header;
  if (!file.read(0, &header, sizeof header)) return changed();
  if (ident[EI_CLASS] != ELFCLASS64)
    return refusal("the file is for a 32-bit machine, this machine is x86-64", "install it for x86-64");
  if (ident[EI_DATA] != ELFDATA2LSB)
    return refusal("the file is for a big-endian machine, this machine is x86-64", "install it for x86-64");
  if (header.e_machine != EM_X86_64)
    return refusal("the file is for " + machine_name(header.e_machine) + ", this machine is x86-64",
                   "install it for x86-64");
  if (header.e_type != ET_DYN)
    return refusal(std::string("the file is ") + (header.e_type == ET_REL ? "an object file" : "a program") +
                       ", not a shared library",
                   kRebuild);
  return header;
}

Result<std::vector<Elf64_Phdr>> read_segments(const base::Bytes& file, const Elf64_Ehdr& header) {
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum > kHeaderLimit)
    return refusal("its program headers are damaged", kCopyAgain);
  const std::uint64_t bytes = std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
  if (!within(header.e_phoff, bytes, file.size()))
    return cut_short("its program header table", end_of(header.e_phoff, bytes), file.size());
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!file.read(header.e_phoff, segments.data(), static_cast<std::size_t>(bytes))) return changed();
  return segments;
}

/// Loading a truncated library kills the program with SIGBUS. The section table is
/// not loaded, but it comes last, so checking it detects a file that lacks only its tail.
Status check_extent(const base::Bytes& file, const Elf64_Ehdr& header,
                    const std::vector<Elf64_Phdr>& segments) {
  for (const Elf64_Phdr& segment : segments)
    if (segment.p_type == PT_LOAD && !within(segment.p_offset, segment.p_filesz, file.size()))
      return cut_short("a program segment", end_of(segment.p_offset, segment.p_filesz), file.size());
  const std::uint64_t sections = std::uint64_t{header.e_shnum} * header.e_shentsize;
  if (!within(header.e_shoff, sections, file.size()))
    return cut_short("its section table", end_of(header.e_shoff, sections), file.size());
  return Done{};
}

std::uint64_t aligned(std::uint64_t size, std::uint64_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

Result<NoteContent> parse_descriptor(const char* descriptor, std::size_t size) {
  if (size < sizeof(NoteHeader)) return refusal("its identity note is damaged (it is too short)", kRebuild);
  if (size - sizeof(NoteHeader) > kNoteJsonLimit)
    return refusal("its identity note is larger than 64 KiB", "shorten its configuration schema");
  NoteContent note;
  std::memcpy(&note.header, descriptor, sizeof note.header);
  note.fingerprint.assign(note.header.fingerprint,
                          ::strnlen(note.header.fingerprint, sizeof note.header.fingerprint));
  const char* json = descriptor + sizeof(NoteHeader);
  note.json.assign(json, ::strnlen(json, size - sizeof(NoteHeader)));
  return note;
}

/// Our note among the entries of one note segment; nullopt if it is not there. Entries are padded to
/// the segment's alignment; the first that does not fit ends the walk.
std::optional<Result<NoteContent>> find_note(const std::vector<char>& segment, std::uint64_t alignment) {
  std::uint64_t at = 0;
  Elf64_Nhdr entry;
  while (within(at, sizeof entry, segment.size())) {
    std::memcpy(&entry, segment.data() + at, sizeof entry);
    const std::uint64_t owner = at + sizeof entry;
    const std::uint64_t descriptor = aligned(owner + entry.n_namesz, alignment);
    if (!within(descriptor, entry.n_descsz, segment.size())) return std::nullopt;
    if (entry.n_type == kNoteType && entry.n_namesz == std::strlen(kNoteOwner) + 1 &&
        std::memcmp(segment.data() + owner, kNoteOwner, entry.n_namesz) == 0)
      return parse_descriptor(segment.data() + descriptor, entry.n_descsz);
    at = aligned(descriptor + entry.n_descsz, alignment);
  }
  return std::nullopt;
}

}  // namespace

Result<NoteContent> read_note(const base::Bytes& file) {
  TACHIKOMA_TRY(Elf64_Ehdr header, read_header(file));
  TACHIKOMA_TRY(std::vector<Elf64_Phdr> segments, read_segments(file, header));
  TACHIKOMA_TRY_STATUS(check_extent(file, header, segments));
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_NOTE || segment.p_filesz > kSegmentLimit) continue;
    if (!within(segment.p_offset, segment.p_filesz, file.size()))
      return cut_short("a note segment", end_of(segment.p_offset, segment.p_filesz), file.size());
    std::vector<char> content(static_cast<std::size_t>(segment.p_filesz));
    if (!file.read(segment.p_offset, content.data(), content.size())) return changed();
    if (auto note = find_note(content, segment.p_align == 8 ? 8 : 4)) return *std::move(note);
  }
  return refusal("it is not a Tachikoma plugin (it has no identity note)", kRebuild);
}

}  // namespace tachikoma::plugins
