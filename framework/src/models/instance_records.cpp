// SPDX-License-Identifier: MIT
#include "models/instance_records.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <sys/file.h>
#include <sys/stat.h>

#include "base/ascii.hpp"
#include "base/blocking_io.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/running_programs.hpp"
#include "base/text_hash.hpp"
#include "base/try.hpp"

namespace tachikoma::models {
namespace {

constexpr std::size_t kLargestRecord = 1 << 16;
/// The times of files may be so much behind the clock.
constexpr std::chrono::milliseconds kClockStep{20};
/// The kernel tells nobody that a lock is free.
constexpr std::chrono::milliseconds kBetweenTries{50};

/// To write a record that others remove and write meanwhile.
constexpr int kMostTries = 10;

std::string hash_of(std::string_view text) {
  base::TextHash hash;
  hash.add(text);
  return hash.text();
}

std::optional<std::string> read_record(int file) {
  struct stat status = {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
    return std::nullopt;
  std::string text(kLargestRecord, '\0');
  const ssize_t count = base::read_some(file, text.data(), text.size());
  if (count <= 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(count));
  return text;
}

// False if `stop` was requested.
bool pause_between_tries(const std::stop_token& stop) {
  std::mutex mutex;  // guards nothing: to wait with
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, kBetweenTries, [] { return false; });
  return !stop.stop_requested();
}

// True also if there is nothing to lock.
bool can_lock(const base::Descriptor& file, int operation) {
  return ::flock(file.value(), operation | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

// The time of the file that stands for a server's loads says when its memory has last changed.
void note_change(const base::Descriptor& file) {
  const auto since = InstanceRecord::Clock::now().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const timespec time = {static_cast<std::time_t>(seconds.count()),
                         static_cast<long>(std::chrono::nanoseconds(since - seconds).count())};
  const timespec times[2] = {time, time};
  ::futimens(file.value(), times);
}

}  // namespace

std::string recorded_address(std::string url) {
  if (url.find("://") == std::string::npos) url = "http://" + url;
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with("/v1")) url.resize(url.size() - 3);
  while (url.ends_with('/')) url.pop_back();
  const std::size_t host = url.find("://") + 3;
  const std::size_t end = std::min(url.find('/', host), url.size());
  for (std::size_t at = 0; at < end; ++at) url[at] = base::to_lower(url[at]);
  constexpr std::string_view kLocal = "localhost";
  if (url.compare(host, kLocal.size(), kLocal) == 0 &&
      (host + kLocal.size() == end || url[host + kLocal.size()] == ':'))
    url.replace(host, kLocal.size(), "127.0.0.1");
  return url;
}

const std::optional<std::string>& InstanceRecords::folder() {
  std::call_once(looked_, [this] {
    Result<std::string> made = base::make_status_folder("instances");
    if (made)
      folder_ = *std::move(made);
    else if (log_)
      log_(Severity::debug, "tachikoma",
           "other programs can't see which models this one uses, nor it theirs: " + made.error().message);
  });
  return folder_;
}

std::string InstanceRecords::path_of(const std::string& server, const std::string& id) {
  return *folder() + "/" + hash_of(server) + "-" + hash_of(id) + ".json";
}

// A whole file of another name, which becomes the one that others open, unless there is one.
InstanceRecords::Record InstanceRecords::write(const RecordedInstance& instance,
                                               const std::stop_token& stop) {
  for (;;) {
    if (Record written = try_to_write(instance)) return written;
    if (!folder()) return nullptr;
    const Record there = open(path_of(instance.server, instance.id));
    if (!there || !there->is_taken()) return nullptr;
    if (!wait_until_untaken(*there, stop)) return nullptr;  // it goes with the instance that leaves
  }
}

InstanceRecords::Record InstanceRecords::join_or_write(const RecordedInstance& instance,
                                                       const std::stop_token& stop) {
  for (int left = kMostTries; left > 0; --left) {
    if (Record written = write(instance, stop)) return written;
    if (Record there = find(instance.server, instance.id); there && there->enter()) return there;
  }
  return nullptr;
}

InstanceRecords::Record InstanceRecords::try_to_write(RecordedInstance instance) {
  if (!folder()) return nullptr;
  instance.loader = ::getpid();
  instance.loader_start = base::start_of_process(instance.loader).value_or(0);
  std::string whole = *folder() + "/new-XXXXXX";
  base::Descriptor file(::mkostemp(whole.data(), O_CLOEXEC));
  if (file.value() < 0) return nullptr;
  const std::string path = path_of(instance.server, instance.id);
  const bool written = base::write_all(file.value(), base::to_json(to_value(instance)) + "\n") == 0;
  const auto record = std::make_shared<InstanceRecord>(path, std::move(file), std::move(instance));
  record->enter();
  const bool made = written && ::link(whole.c_str(), path.c_str()) == 0;
  ::unlink(whole.c_str());
  if (!made) return nullptr;
  const std::lock_guard lock(mutex_);
  open_.insert_or_assign(path, record);
  return record;
}

InstanceRecords::Record InstanceRecords::known(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(path);
  return found != open_.end() && found->second->is_current() ? found->second : nullptr;
}

// What another thread has opened meanwhile is used: there is one for each file.
InstanceRecords::Record InstanceRecords::open(const std::string& path) {
  if (Record there = known(path)) return there;
  base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  const std::optional<std::string> text = read_record(file.value());
  const Result<Value> value = text ? base::parse_json(*text) : Result<Value>(Value());
  Result<RecordedInstance> instance = read_recorded_instance(value ? *value : Value());
  if (!instance) return nullptr;
  const auto record = std::make_shared<InstanceRecord>(path, std::move(file), *std::move(instance));
  const std::lock_guard lock(mutex_);
  Record& kept = open_[path];
  if (!kept || !kept->is_current()) kept = record;
  return kept;
}

std::map<std::string, InstanceRecords::Record> InstanceRecords::match(const std::string& server,
                                                                      const std::vector<std::string>& listed,
                                                                      Clock::time_point listed_at) {
  std::map<std::string, Record> valid;
  if (server.empty() || !folder()) return valid;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [](const auto& each) { return !each.second->is_current(); });
  }
  std::error_code failure;
  for (const auto& each : std::filesystem::directory_iterator(*folder(), failure)) {
    if (!each.path().filename().string().starts_with(hash_of(server) + "-")) continue;
    const Record record = open(each.path().string());
    if (!record || record->instance().server != server) continue;
    const RecordedInstance& said = record->instance();
    const bool is_listed = std::find(listed.begin(), listed.end(), said.id) != listed.end();
    const auto is_void = [&] {
      return is_listed ? record->has_expired(Clock::now()) : record->last_used() + kClockStep < listed_at;
    };
    if (is_void()) record->remove_if(is_void);  // it may have been used meanwhile
    if (is_listed && record->is_current()) valid.emplace(said.id, record);
  }
  return valid;
}

InstanceRecords::Record InstanceRecords::find(const std::string& server, const std::string& id) {
  if (!folder() || server.empty()) return nullptr;
  Record record = open(path_of(server, id));
  const bool is_it = record && record->instance().server == server && record->instance().id == id;
  return is_it ? record : nullptr;
}

void InstanceRecords::remove(const std::string& server, const std::string& id) {
  if (const Record record = find(server, id)) record->remove_if([] { return true; });
}

Result<std::vector<InstanceRecords::Record>> InstanceRecords::take(
    const std::string& server, const std::vector<std::string>& ids, const std::stop_token& stop,
    const std::function<void(const InstanceRecord&)>& on_wait) {
  std::vector<Record> taken;
  if (!folder()) return taken;
  const auto give_back = [&] {
    for (const Record& each : taken) each->give_back();
  };
  bool told = false;
  for (const std::string& id : ids) {
    const Record record = find(server, id);
    if (!record) continue;
    InstanceRecord::Taken now{};
    while ((now = record->take()) == InstanceRecord::Taken::in_use) {
      if (!std::exchange(told, true)) on_wait(*record);
      if (pause_between_tries(stop)) continue;
      give_back();
      return Error(ErrorCode::cancelled, "cancelled while waiting until nobody uses '" + id + "'");
    }
    if (now == InstanceRecord::Taken::yes) taken.push_back(record);
  }
  return taken;
}

base::Descriptor InstanceRecords::open_loads(const std::string& server) {
  const std::string path = *folder() + "/loads-" + hash_of(server);
  return base::Descriptor(
      ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
}

RunningLoad::RunningLoad(base::Descriptor file) : file_(std::move(file)) {
  note_change(file_);
  begun_ = time_of(file_);
}

RunningLoad::~RunningLoad() { note_change(file_); }

bool RunningLoad::saw_others() const { return time_of(file_) != begun_; }

InstanceRecords::Clock::time_point InstanceRecords::changed_at(const std::string& server) {
  return !server.empty() && folder() ? time_of(open_loads(server)) : Clock::time_point();
}

void InstanceRecords::note_unloaded(const std::string& server) {
  if (!server.empty() && folder()) note_change(open_loads(server));
}

RunningLoad InstanceRecords::begin_load(const std::string& server, const std::stop_token& stop) {
  if (!folder()) return RunningLoad();
  base::Descriptor file = open_loads(server);
  while (!can_lock(file, LOCK_SH) && pause_between_tries(stop)) {  // somebody just looks whether it is free
  }
  return RunningLoad(std::move(file));
}

bool InstanceRecords::wait_for_loads(const std::string& server, const std::stop_token& stop) {
  if (!folder()) return false;
  const base::Descriptor file = open_loads(server);
  bool waited = false;
  while (!can_lock(file, LOCK_EX)) {
    if (!pause_between_tries(stop)) return false;
    waited = true;
  }
  return waited;
}

bool wait_until_untaken(InstanceRecord& record, const std::stop_token& stop) {
  while (record.is_taken())
    if (!pause_between_tries(stop)) return false;
  return true;
}

std::string other_program(const InstanceRecord& record) {
  const std::vector<std::int64_t> users = record.other_users();
  if (users.empty()) return "another program";
  return "another program (pid " + std::to_string(users.front()) + ")";
}

}  // namespace tachikoma::models
