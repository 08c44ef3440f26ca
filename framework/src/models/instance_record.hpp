// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::models {

/// A model that a program brought into the memory of a server that outlives it.
struct RecordedInstance {
  std::string server = {};  ///< its address
  std::string key = {};
  std::string id = {};                        ///< how requests address it
  std::chrono::milliseconds ttl{};            ///< it leaves after this time without use; 0: never
  std::int64_t loader = 0, loader_start = 0;  ///< its process
};

/// The file that says so, open: one object for each runtime and file. All programs of the user that share the
/// folder see who uses the instance by the lock on the file: shared by those that do, exclusive while one
/// unloads it. The kernel gives back the locks of a program that ends, however it ends. Thread-safe.
class InstanceRecord {
 public:
  using Clock = std::chrono::system_clock;
  enum class Taken : std::uint8_t { yes, in_use, gone };

  /// Takes the file at `path`, as `instance` describes it.
  InstanceRecord(std::string path, base::Descriptor file, RecordedInstance instance)
      : path_(std::move(path)), file_(std::move(file)), instance_(std::move(instance)) {}

  const RecordedInstance& instance() const { return instance_; }
  /// False once it was removed, or replaced, by anybody.
  bool is_current() const;
  /// When it was last known to be used.
  Clock::time_point last_used() const;
  /// Its time has passed without use and its loader has ended, so the instance is gone, unless it is used
  /// now; what is there under its name may be somebody else's.
  bool has_expired(Clock::time_point now) const;

  /// The instance is used from now on, until as many calls of `leave`. Fails if it is being unloaded, or
  /// gone.
  bool enter();
  void leave();
  /// Nobody else uses it from now on, until `give_back` or `remove`. Does not wait.
  Taken take();
  void give_back();
  /// Removes the file, if it is still this one. Who has it open finds it gone.
  void remove();
  /// Takes it, and removes it if `is_void` says so then; else gives it back. Does nothing while it is in use.
  template <class IsVoid>
  void remove_if(const IsVoid& is_void) {
    if (take() != Taken::yes) return;
    is_void() ? remove() : give_back();
  }
  /// The processes that use it or unload it, as far as the kernel names them; without this one.
  std::vector<std::int64_t> other_users() const;
  /// While another program unloads it. A moment's look: takes the lock for that.
  bool is_taken();

 private:
  bool lock(int operation);

  const std::string path_;
  const base::Descriptor file_;
  const RecordedInstance instance_;
  std::mutex mutex_;  // guards what follows, and the lock
  std::size_t uses_ = 0;
  bool taken_ = false;
};

/// When the file was last modified; the epoch if it can't be asked.
InstanceRecord::Clock::time_point time_of(const base::Descriptor& file);

Value to_value(const RecordedInstance& instance);
/// Fails unless it is of the schema that this program writes.
Result<RecordedInstance> read_recorded_instance(const Value& value);

}  // namespace tachikoma::models
