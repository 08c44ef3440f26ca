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

constexpr char kMeminfo[] = "/proc/meminfo of this machine";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The text after `name` at the start of a line; with an empty name the whole text.
std::optional<std::string_view> text_after(std::string_view text, std::string_view name) {
  while (!text.starts_with(name)) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  text.remove_prefix(name.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

template <class T>
std::optional<T> number_after(std::string_view text, std::string_view name) {
  const auto rest = text_after(text, name);
  T number = 0;
  if (!rest || std::from_chars(rest->data(), rest->data() + rest->size(), number).ec != std::errc())
    return std::nullopt;
  return number;
}

// "/sys/fs/cgroup/memory.max of this machine"
std::string name_of(const fs::path& file, const fs::path& root) {
  return "/" + file.lexically_relative(root).generic_string() + " of this machine";
}

Sourced<std::int64_t> meminfo_line(std::string_view text, std::string_view name) {
  const auto kibibytes = number_after<std::int64_t>(text, name);
  if (!kibibytes || *kibibytes < 0) return unknown(std::string(kMeminfo) + " does not report it");
  return {*kibibytes * 1024, Source::measured, kMeminfo};
}

void take_larger(Sourced<double>& share, std::string_view text, std::string_view line,
                 const std::string& basis) {
  const auto percent = number_after<double>(text, line);
  if (!percent || !(*percent >= 0)) return;
  const double read = std::min(*percent / 100, 1.0);
  if (!share || read > share.value) share = {read, Source::measured, basis};
}

// A file of the kernel's pressure stall information; absent where the kernel has none, or where it is off.
void apply_pressure(const fs::path& file, const fs::path& root, MemoryPressure& pressure) {
  const std::string text = text_of(file), basis = name_of(file, root);
  take_larger(pressure.some, text, "some avg10=", basis);
  take_larger(pressure.full, text, "full avg10=", basis);
}

/// The memory files of one version of control groups.
struct GroupFiles {
  const char* mount;
  const char* limits[2];
  const char* used;
  std::string_view reclaimable;  ///< in memory.stat: reclaimable file cache
};

// Above memory.high a group is slowed down until it takes less: as much a limit as memory.max is.
constexpr GroupFiles kSecondVersion{
    "sys/fs/cgroup", {"memory.max", "memory.high"}, "memory.current", "inactive_file "};
constexpr GroupFiles kFirstVersion{"sys/fs/cgroup/memory",
                                   {"memory.limit_in_bytes", nullptr},
                                   "memory.usage_in_bytes",
                                   "total_inactive_file "};

void apply_limit(const fs::path& group, const char* file, const GroupFiles& files, const fs::path& root,
                 MachineMemory& memory) {
  const auto limit = number_after<std::int64_t>(text_of(group / file), "");  // "max" is none
  if (!limit) return;
  const std::string basis = "the limit in " + name_of(group / file, root);
  if (!memory.limit_bytes || *limit < memory.limit_bytes.value)
    memory.limit_bytes = {*limit, Source::measured, basis};
  const auto used = number_after<std::int64_t>(text_of(group / files.used), "");
  const std::int64_t cache =
      number_after<std::int64_t>(text_of(group / "memory.stat"), files.reclaimable).value_or(0);
  const std::int64_t left = used ? std::clamp<std::int64_t>(*limit - (*used - cache), 0, *limit) : *limit;
  if (!memory.available_bytes || left < memory.available_bytes.value)
    memory.available_bytes = {left, Source::measured,
                              basis + (used ? ", less what is used" : "; what is used of it is not known")};
}

// The limits of a group's parents apply as well. In a container its path may not exist: then
// the mounted group is the container's own.
void apply_groups(const GroupFiles& files, std::string_view path, const fs::path& root,
                  MachineMemory& memory) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const fs::path mount = root / files.mount;
  for (fs::path group = mount / path;; group = group.parent_path()) {
    for (const char* limit : files.limits)
      if (limit) apply_limit(group, limit, files, root, memory);
    apply_pressure(group / "memory.pressure", root, memory.pressure);
    if (group == mount || !group.has_relative_path()) return;
  }
}

// Applies the group that a line of /proc/self/cgroup names: "0::/path", or, of the first version,
// "4:memory:/path".
void apply_line(std::string_view line, const fs::path& root, MachineMemory& memory) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return;
  const std::string kinds = "," + std::string(line.substr(first + 1, second - first - 1)) + ",";
  const std::string_view path = line.substr(second + 1);
  if (kinds == ",,")
    apply_groups(kSecondVersion, path, root, memory);
  else if (kinds.find(",memory,") != std::string::npos)
    apply_groups(kFirstVersion, path, root, memory);
}

void explain_absence(MemoryPressure& pressure) {
  for (Sourced<double>* share : {&pressure.some, &pressure.full})
    if (!*share)
      share->basis =
          "/proc/pressure/memory of this machine can't be read: its kernel does not keep it, or has it off";
}

MachineMemory machine_alone(const fs::path& root) {
  const std::string text = text_of(root / "proc/meminfo");
  MachineMemory memory{.installed_bytes = meminfo_line(text, "MemTotal:"),
                       .available_bytes = meminfo_line(text, "MemAvailable:")};
  memory.limit_bytes = memory.installed_bytes;
  apply_pressure(root / "proc/pressure/memory", root, memory.pressure);
  return memory;
}

}  // namespace

MachineMemory read_machine_memory(const fs::path& root) {
  MachineMemory memory = machine_alone(root);
  const std::string groups = text_of(root / "proc/self/cgroup");
  for (std::string_view rest = groups; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    apply_line(line, root, memory);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  explain_absence(memory.pressure);
  return memory;
}

MachineMemory read_whole_machine_memory(const fs::path& root) {
  MachineMemory memory = machine_alone(root);
  explain_absence(memory.pressure);
  return memory;
}

}  // namespace tachikoma::base
