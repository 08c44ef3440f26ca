// SPDX-License-Identifier: MIT
#include "base/machine_memory.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/sourced.hpp"

namespace tachikoma::base {
namespace {

namespace fs = std::filesystem;

constexpr char kMeminfo[] = "/proc/meminfo";
constexpr char kGroups[] = "/proc/self/cgroup";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The number after `name` at the start of a line; with an empty name the one at the start of the text.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view name) {
  while (!text.starts_with(name)) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  text.remove_prefix(name.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::int64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

Sourced<std::int64_t> meminfo_line(std::string_view text, std::string_view name) {
  const auto kibibytes = number_after(text, name);
  if (!kibibytes || *kibibytes < 0) return unknown(std::string(kMeminfo) + " does not report it");
  return {*kibibytes * 1024, Source::measured, kMeminfo};
}

/// The memory files of one version of control groups.
struct GroupFiles {
  std::string_view marker;  ///< in a line of /proc/self/cgroup, in front of the group's path
  const char* mount;
  const char* limit;
  const char* used;
  std::string_view reclaimable;  ///< in memory.stat: reclaimable file cache
};

constexpr GroupFiles kVersions[] = {
    {"0::/", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "},
    {":memory:/", "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     "total_inactive_file "}};

void apply_group(const fs::path& group, const GroupFiles& files, const fs::path& root,
                 MachineMemory& memory) {
  const auto limit = number_after(text_of(group / files.limit), "");  // "max" is none
  if (!limit) return;
  const std::string basis =
      "the limit in /" + (group / files.limit).lexically_relative(root).generic_string();
  if (!memory.total_bytes || *limit < memory.total_bytes.value)
    memory.total_bytes = {*limit, Source::measured, basis};
  const auto used = number_after(text_of(group / files.used), "");
  if (!used) return;
  const std::int64_t cache = number_after(text_of(group / "memory.stat"), files.reclaimable).value_or(0);
  const std::int64_t left = std::clamp<std::int64_t>(*limit - (*used - cache), 0, *limit);
  if (!memory.available_bytes || left < memory.available_bytes.value)
    memory.available_bytes = {left, Source::measured, basis + ", less what is used"};
}

// The limits of a group's parents apply as well. In a container its path may not exist: then
// the mounted group is the container's own.
void apply_groups(const GroupFiles& files, std::string_view groups, const fs::path& root,
                  MachineMemory& memory) {
  const std::size_t at = groups.find(files.marker);
  if (at == std::string_view::npos) return;
  groups.remove_prefix(at + files.marker.size());
  const fs::path mount = root / files.mount;
  for (fs::path group = mount / groups.substr(0, groups.find('\n'));; group = group.parent_path()) {
    apply_group(group, files, root, memory);
    if (group == mount || !group.has_relative_path()) return;
  }
}

}  // namespace

MachineMemory read_meminfo(std::string_view text) {
  return {meminfo_line(text, "MemTotal:"), meminfo_line(text, "MemAvailable:")};
}

MachineMemory machine_memory(const fs::path& root) {
  MachineMemory memory = read_meminfo(text_of(root / "proc/meminfo"));
  const std::string groups = text_of(root / (kGroups + 1));
  for (const GroupFiles& version : kVersions) apply_groups(version, groups, root, memory);
  return memory;
}

}  // namespace tachikoma::base
