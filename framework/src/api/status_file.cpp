// SPDX-License-Identifier: MIT
#include "api/status_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "base/blocking_io.hpp"
#include "base/bytes.hpp"
#include "base/running_programs.hpp"
#include "base/try.hpp"
#include "tachikoma/json.hpp"

namespace tachikoma {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

Error cannot(const std::string& what, const std::string& path, int failure) {
  return {ErrorCode::internal, "can't " + what + " '" + path + "' (" + std::strerror(failure) + ")"};
}

Result<Value> describe_program(const std::string& config) {
  const std::int64_t pid = ::getpid();
  const std::optional<std::int64_t> start = base::start_of_process(pid);
  if (!start) return Error(ErrorCode::internal, "the start of this process is not in /proc");
  std::error_code ignored;
  return Value::object(
      {{"schema_version", 1},
       {"kind", "program"},
       {"pid", pid},
       {"start_time", *start},
       {"name", fs::read_symlink("/proc/self/exe", ignored).filename().string()},
       {"config", config.empty() ? Value() : Value(fs::absolute(config, ignored).string())}});
}

// Moments are computed anew for each report, from clocks that differ a little.
bool is_about(system_clock::time_point a, system_clock::time_point b) {
  return std::chrono::abs(a - b) < std::chrono::seconds(1);
}

bool is_about(const Sourced<std::chrono::milliseconds>& a, system_clock::time_point seen_a,
              const Sourced<std::chrono::milliseconds>& b, system_clock::time_point seen_b) {
  return !a || !b || is_about(seen_a - a.value, seen_b - b.value);
}

void say_unseen(const LogCallback& log, Severity severity, const Error& error) {
  if (log) log(severity, "tachikoma", "'tachikoma ps' does not show this program: " + error.message);
}

}  // namespace

std::unique_ptr<StatusFile> StatusFile::make(const std::string& config, MakeReport report,
                                             const LogCallback& log, std::chrono::milliseconds pace) {
  const auto prepare = [&]() -> Result<std::unique_ptr<StatusFile>> {
    TACHIKOMA_TRY(std::string folder, base::make_status_folder());
    TACHIKOMA_TRY(Value program, describe_program(config));
    std::unique_ptr<StatusFile> file(
        new StatusFile(std::move(folder), std::move(program), std::move(report)));
    TACHIKOMA_TRY_STATUS(file->create());
    return file;
  };
  Result<std::unique_ptr<StatusFile>> made = prepare();
  if (!made) {
    say_unseen(log, Severity::debug, made.error());
    return nullptr;
  }
  StatusFile& file = **made;
  file.thread_ = std::thread([&file, pace, log] { file.follow(pace, log); });
  return *std::move(made);
}

StatusFile::~StatusFile() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ends_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (!path_.empty()) ::unlink(path_.c_str());
}

// A process may have several runtimes, and may have the number of one that was killed.
Status StatusFile::create() {
  written_ = look();
  TACHIKOMA_TRY(const std::string whole, write(written_));
  const std::string name = folder_ + "/" + std::to_string(program_["pid"].as_integer());
  std::string path = name + ".json";
  int failure = 0;
  for (int number = 2; (failure = ::link(whole.c_str(), path.c_str()) == 0 ? 0 : errno) == EEXIST; ++number)
    path = name + "-" + std::to_string(number) + ".json";
  ::unlink(whole.c_str());
  if (failure != 0) return cannot("make", path, failure);
  path_ = std::move(path);
  return Done{};
}

void StatusFile::follow(std::chrono::milliseconds pace, const LogCallback& log) {
  bool said = false;
  std::unique_lock lock(mutex_);
  while (!ends_.wait_for(lock, pace, [this] { return ending_; })) {
    lock.unlock();
    if (const Status updated = update(); !updated && !std::exchange(said, true))
      say_unseen(log, Severity::warning, updated.error());
    lock.lock();
  }
}

Status StatusFile::update() {
  Snapshot now = look();
  if (!differ(written_, now)) return Done{};
  TACHIKOMA_TRY(const std::string whole, write(now));
  if (::rename(whole.c_str(), path_.c_str()) != 0) {
    const int failure = errno;
    ::unlink(whole.c_str());
    return cannot("replace", path_, failure);
  }
  written_ = std::move(now);
  return Done{};
}

// That time passes makes no difference: a reader adds it.
bool StatusFile::differ(const Snapshot& a, const Snapshot& b) {
  const auto same_model = [&](ScheduledModel was, const ScheduledModel& is) {
    const bool same_since = is_about(was.in_memory_for, a.at, is.in_memory_for, b.at) &&
                            (is.leases > 0 || is_about(was.unused_for, a.at, is.unused_for, b.at));
    was.in_memory_for.value = is.in_memory_for.value;
    was.unused_for.value = is.unused_for.value;
    return same_since && was == is;
  };
  const auto same_switch = [](ModelSwitch was, const ModelSwitch& is) {
    const bool same_time = is_about(was.at, is.at);
    was.at = is.at;
    return same_time && was == is;
  };
  return !std::ranges::equal(a.report.models, b.report.models, same_model) ||
         !std::ranges::equal(a.report.switches, b.report.switches, same_switch);
}

// A whole file of another name, which becomes the one that is read. Readers may look at any time.
Result<std::string> StatusFile::write(const Snapshot& snapshot) const {
  Value value = program_;
  value.set("written_at", std::chrono::duration<double>(snapshot.at.time_since_epoch()).count());
  const Value report = to_value(snapshot.report);
  for (const Member& member : report.members()) value.set(member.key, member.value);
  std::string path = folder_ + "/new-XXXXXX";
  const base::Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (file.value() < 0) return cannot("make a file in", folder_, errno);
  if (const int failure = base::write_all(file.value(), to_json(value) + "\n"); failure != 0) {
    ::unlink(path.c_str());
    return cannot("write", path, failure);
  }
  return path;
}

}  // namespace tachikoma
