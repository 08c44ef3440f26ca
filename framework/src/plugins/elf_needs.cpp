// SPDX-License-Identifier: MIT
#include "plugins/elf_needs.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <elf.h>
#include <filesystem>
#include <optional>
#include <string_view>

namespace tachikoma::plugins {
namespace {

constexpr std::size_t kMostEntries = 4096;
constexpr std::size_t kLongestText = 4096;

class DynamicSection {
 public:
  explicit DynamicSection(const base::Bytes& file) : file_(file) {
    Elf64_Ehdr header;
    if (!file.read(0, &header, sizeof header)) return;
    for (std::size_t i = 0; i < std::min<std::size_t>(header.e_phnum, kMostEntries); ++i) {
      Elf64_Phdr segment;
      if (!file.read(header.e_phoff + i * sizeof segment, &segment, sizeof segment)) return;
      if (segment.p_type == PT_LOAD) loaded_.push_back(segment);
      if (segment.p_type == PT_DYNAMIC) read_entries(segment);
    }
  }

  /// The texts of all entries with that tag.
  std::vector<std::string> texts(Elf64_Sxword tag) const {
    std::vector<std::string> all;
    const auto table = std::find_if(entries_.begin(), entries_.end(),
                                    [](const Elf64_Dyn& entry) { return entry.d_tag == DT_STRTAB; });
    if (table == entries_.end()) return all;
    for (const Elf64_Dyn& entry : entries_)
      if (entry.d_tag == tag) all.push_back(text_at(table->d_un.d_ptr + entry.d_un.d_val));
    return all;
  }

 private:
  void read_entries(const Elf64_Phdr& segment) {
    entries_.resize(std::min<std::uint64_t>(segment.p_filesz / sizeof(Elf64_Dyn), kMostEntries));
    if (!file_.read(segment.p_offset, entries_.data(), entries_.size() * sizeof(Elf64_Dyn))) entries_.clear();
    const auto ends = [](const Elf64_Dyn& entry) { return entry.d_tag == DT_NULL; };
    entries_.erase(std::find_if(entries_.begin(), entries_.end(), ends), entries_.end());
  }

  std::string text_at(std::uint64_t address) const {
    for (const Elf64_Phdr& segment : loaded_) {
      if (address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) continue;
      const std::uint64_t inside = address - segment.p_vaddr;
      std::array<char, kLongestText> bytes;
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), segment.p_filesz - inside));
      if (!file_.read(segment.p_offset + inside, bytes.data(), count)) return {};
      const auto end = std::find(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), '\0');
      return std::string(bytes.begin(), end);
    }
    return {};
  }

  const base::Bytes& file_;
  std::vector<Elf64_Phdr> loaded_;
  std::vector<Elf64_Dyn> entries_;
};

// The folder that one entry of a library's path means, if it is given by the library's own.
std::optional<std::string> beside(std::string_view entry, const std::string& folder) {
  for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"})
    if (entry.starts_with(origin)) return folder + std::string(entry.substr(origin.size()));
  return std::nullopt;
}

}  // namespace

Needs read_needs(const base::Bytes& file) {
  const DynamicSection section(file);
  Needs needs{section.texts(DT_NEEDED), {}};
  for (const Elf64_Sxword tag : {DT_RUNPATH, DT_RPATH})
    for (const std::string& path : section.texts(tag))
      for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find(':', start), path.size());
        needs.folders.push_back(path.substr(start, end - start));
        start = end + 1;
      }
  return needs;
}

std::vector<std::string> bundled_libraries(const Needs& needs, const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string& library : needs.libraries)
    for (const std::string& entry : needs.folders) {
      const std::optional<std::string> where = beside(entry, folder);
      std::error_code failed;
      if (!where || library.find('/') != std::string::npos) continue;
      const std::filesystem::path file = std::filesystem::path(*where) / library;
      if (!std::filesystem::exists(file, failed)) continue;
      files.push_back(file.lexically_normal().string());
      break;
    }
  return files;
}

}  // namespace tachikoma::plugins
