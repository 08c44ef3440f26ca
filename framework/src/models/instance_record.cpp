// SPDX-License-Identifier: MIT
#include "models/instance_record.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/running_programs.hpp"

namespace tachikoma::models {
namespace {

constexpr std::int64_t kRecordSchema = 1;

std::optional<struct stat> look_at(const base::Descriptor& file) {
  struct stat status = {};
  return ::fstat(file.value(), &status) == 0 ? std::optional(status) : std::nullopt;
}

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// "08:01:1234", as /proc/locks writes it.
std::string lock_name(const struct stat& file) {
  std::ostringstream name;
  name << std::hex;
  for (const unsigned number : {major(file.st_dev), minor(file.st_dev)})
    name << (number < 16 ? "0" : "") << number << ':';
  name << std::dec << file.st_ino;
  return name.str();
}

}  // namespace

bool InstanceRecord::lock(int operation) {
  int result = 0;
  do result = ::flock(file_.value(), operation | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return result == 0;
}

bool InstanceRecord::is_current() const {
  const auto status = look_at(file_);
  return status && status->st_nlink > 0;
}

InstanceRecord::Clock::time_point InstanceRecord::last_used() const { return time_of(file_); }

InstanceRecord::Clock::time_point time_of(const base::Descriptor& file) {
  const auto status = look_at(file);
  if (!status) return {};
  using Clock = InstanceRecord::Clock;
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(
      std::chrono::seconds(status->st_mtim.tv_sec) + std::chrono::nanoseconds(status->st_mtim.tv_nsec)));
}

bool InstanceRecord::has_expired(Clock::time_point now) const {
  if (instance_.ttl <= instance_.ttl.zero() || now - last_used() < instance_.ttl) return false;
  return base::start_of_process(instance_.loader) != instance_.loader_start;
}

bool InstanceRecord::enter() {
  const std::lock_guard guard(mutex_);
  if (taken_) return false;
  if (uses_ == 0 && (!lock(LOCK_SH) || !is_current())) {
    lock(LOCK_UN);
    return false;
  }
  ++uses_;
  return true;
}

void InstanceRecord::leave() {
  const std::lock_guard guard(mutex_);
  if (--uses_ > 0) return;
  ::futimens(file_.value(), nullptr);
  lock(LOCK_UN);
}

InstanceRecord::Taken InstanceRecord::take() {
  const std::lock_guard guard(mutex_);
  if (uses_ > 0 || taken_ || !lock(LOCK_EX)) return Taken::in_use;
  if (!is_current()) {
    lock(LOCK_UN);
    return Taken::gone;
  }
  taken_ = true;
  return Taken::yes;
}

void InstanceRecord::give_back() {
  const std::lock_guard guard(mutex_);
  if (!std::exchange(taken_, false)) return;
  lock(LOCK_UN);
}

void InstanceRecord::remove() {
  const std::lock_guard guard(mutex_);
  const auto own = look_at(file_);
  struct stat there = {};
  if (own && ::lstat(path_.c_str(), &there) == 0 && is_same(*own, there)) ::unlink(path_.c_str());
  if (std::exchange(taken_, false)) lock(LOCK_UN);
}

bool InstanceRecord::is_taken() {
  const std::lock_guard guard(mutex_);
  if (taken_) return true;
  if (uses_ > 0) return false;
  if (!lock(LOCK_SH)) return true;
  lock(LOCK_UN);
  return false;
}

// "1: FLOCK  ADVISORY  READ 4711 08:01:1234 0 EOF"; the number is 0 for a process that is out of sight.
std::vector<std::int64_t> InstanceRecord::other_users() const {
  std::vector<std::int64_t> users;
  const auto status = look_at(file_);
  if (!status) return users;
  const std::string name = lock_name(*status);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number, kind, advice, access, file;
    std::int64_t pid = 0;
    if (!(fields >> number >> kind >> advice >> access >> pid >> file)) continue;  // or one that waits: "->"
    if (kind == "FLOCK" && file == name && pid > 0 && pid != ::getpid()) users.push_back(pid);
  }
  return users;
}

Value to_value(const RecordedInstance& instance) {
  return Value::object({{"schema_version", kRecordSchema},
                        {"kind", "instance"},
                        {"server", instance.server},
                        {"key", instance.key},
                        {"instance", instance.id},
                        {"ttl_ms", static_cast<std::int64_t>(instance.ttl.count())},
                        {"pid", instance.loader},
                        {"start_time", instance.loader_start}});
}

Result<RecordedInstance> read_recorded_instance(const Value& value) {
  if (value["kind"].as_string() != "instance" || value["schema_version"].as_integer() != kRecordSchema)
    return Error(ErrorCode::invalid_argument, "it is not an 'instance' of schema_version 1");
  for (const char* name : {"server", "key", "instance"})
    if (!value[name].is_string()) return Error(ErrorCode::invalid_argument, std::string("it lacks ") + name);
  for (const char* name : {"ttl_ms", "pid", "start_time"})
    if (!value[name].is_integer()) return Error(ErrorCode::invalid_argument, std::string("it lacks ") + name);
  RecordedInstance instance{.server = std::string(value["server"].as_string()),
                            .key = std::string(value["key"].as_string()),
                            .id = std::string(value["instance"].as_string()),
                            .ttl = std::chrono::milliseconds(value["ttl_ms"].as_integer()),
                            .loader = value["pid"].as_integer(),
                            .loader_start = value["start_time"].as_integer()};
  return instance;
}

}  // namespace tachikoma::models
