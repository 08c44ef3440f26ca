// SPDX-License-Identifier: MIT
#include "conformance/dynamic_symbols.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>

namespace tachikoma::conformance {
namespace {

constexpr std::size_t kMostHeaders = 4096;
constexpr std::uint64_t kMostBytes = 64 << 20;

template <class T>
std::vector<T> read_table(const base::Bytes& file, std::uint64_t offset, std::uint64_t bytes) {
  if (bytes > kMostBytes) return {};
  std::vector<T> table(static_cast<std::size_t>(bytes / sizeof(T)));
  if (!file.read(offset, table.data(), table.size() * sizeof(T))) table.clear();
  return table;
}

void add_symbols(const std::vector<Elf64_Sym>& symbols, const std::vector<char>& names, Linkage& linkage) {
  for (const Elf64_Sym& symbol : symbols) {
    if (symbol.st_name == 0 || symbol.st_name >= names.size()) continue;
    const char* start = names.data() + symbol.st_name;
    const std::string name(start, ::strnlen(start, names.size() - symbol.st_name));
    const unsigned bind = ELF64_ST_BIND(symbol.st_info);
    if (symbol.st_shndx != SHN_UNDEF)
      linkage.exported.push_back(name);
    else if (bind != STB_WEAK)
      linkage.undefined.push_back(name);
  }
}

void add_flags(const std::vector<Elf64_Dyn>& entries, Linkage& linkage) {
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_NULL) return;
    if (entry.d_tag == DT_BIND_NOW || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_BIND_NOW)) ||
        (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_NOW)))
      linkage.binds_at_once = true;
    if (entry.d_tag == DT_TEXTREL || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL)))
      linkage.patched_code = true;
  }
}

}  // namespace

Linkage read_linkage(const base::Bytes& file) {
  Linkage linkage;
  Elf64_Ehdr header;
  if (!file.read(0, &header, sizeof header)) return linkage;
  const auto count = [](std::size_t number) { return std::min(number, kMostHeaders); };
  for (const Elf64_Phdr& segment :
       read_table<Elf64_Phdr>(file, header.e_phoff, count(header.e_phnum) * sizeof(Elf64_Phdr))) {
    if (segment.p_type == PT_GNU_STACK) linkage.executable_stack = segment.p_flags & PF_X;
    if (segment.p_type == PT_DYNAMIC)
      add_flags(read_table<Elf64_Dyn>(file, segment.p_offset, segment.p_filesz), linkage);
  }
  const auto sections =
      read_table<Elf64_Shdr>(file, header.e_shoff, count(header.e_shnum) * sizeof(Elf64_Shdr));
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections.size()) continue;
    const Elf64_Shdr& names = sections[section.sh_link];
    add_symbols(read_table<Elf64_Sym>(file, section.sh_offset, section.sh_size),
                read_table<char>(file, names.sh_offset, names.sh_size), linkage);
  }
  return linkage;
}

}  // namespace tachikoma::conformance
