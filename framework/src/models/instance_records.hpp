// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "models/instance_record.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::models {

/// What an address of a server is in records: one spelling for one server.
std::string recorded_address(std::string url);

/// As long as it exists, other programs see that a model is being loaded on a server.
class RunningLoad {
 public:
  using Clock = InstanceRecord::Clock;

  RunningLoad() = default;
  /// `file` is locked, and the same for all loads there.
  explicit RunningLoad(base::Descriptor file);
  RunningLoad(RunningLoad&&) = default;
  RunningLoad& operator=(RunningLoad&&) = delete;
  ~RunningLoad();

  /// Whether a program has begun or ended a load there, or unloaded a model, since this one began.
  bool saw_others() const;

 private:
  base::Descriptor file_ = base::Descriptor();
  Clock::time_point begun_{};
};

/// The records that this user's programs keep of what they have brought into the memory of servers that
/// outlive them: files in a folder that only the user can write. Of a server without an address there are
/// none. A runtime has one of these. Thread-safe.
class InstanceRecords {
 public:
  using Record = std::shared_ptr<InstanceRecord>;
  using Clock = InstanceRecord::Clock;

  explicit InstanceRecords(LogCallback log) : log_(std::move(log)) {}

  /// False if there can be none; the log says why, once, at debug level.
  bool are_kept() { return folder().has_value(); }

  /// Writes one, before the instance is loaded: who sees that sees the record. It counts as used until a call
  /// of `leave`. Waits while another program unloads an instance of that name. Null if another program is
  /// loading it, or has; and if it can't be written: then others take the instance for one of which nobody
  /// knows who loaded it.
  Record write(const RecordedInstance& instance, const std::stop_token& stop = {});
  /// The one that another program has written, or writes one; used until a call of `leave`, as above.
  Record join_or_write(const RecordedInstance& instance, const std::stop_token& stop = {});
  /// The valid ones of these instances, by id. Those of the server that are not among them are removed,
  /// unless they are younger than the list.
  std::map<std::string, Record> match(const std::string& server, const std::vector<std::string>& listed,
                                      Clock::time_point listed_at);
  /// The one of an instance; null if there is none.
  Record find(const std::string& server, const std::string& id);
  /// Removes the one of an instance, unless somebody uses that.
  void remove(const std::string& server, const std::string& id);
  /// Takes those of these instances, so that they can be unloaded, waiting until nobody uses them; tells
  /// `on_wait` once if it has to. Fails with `cancelled` once `stop` is requested.
  Result<std::vector<Record>> take(const std::string& server, const std::vector<std::string>& ids,
                                   const std::stop_token& stop,
                                   const std::function<void(const InstanceRecord&)>& on_wait);

  /// When a program last began or ended a load there, or unloaded a model; the epoch if that is not known. If
  /// it stays the same while the server's list and the records are read, they belong together.
  Clock::time_point changed_at(const std::string& server);
  /// Models were unloaded there. To be called before their records are removed.
  void note_unloaded(const std::string& server);
  RunningLoad begin_load(const std::string& server, const std::stop_token& stop);
  /// Waits for the loads that have begun there. True if there were any, and they ended before `stop` was
  /// requested.
  bool wait_for_loads(const std::string& server, const std::stop_token& stop);

 private:
  Record try_to_write(RecordedInstance instance);
  const std::optional<std::string>& folder();
  base::Descriptor open_loads(const std::string& server);
  std::string path_of(const std::string& server, const std::string& id);
  Record known(const std::string& path);
  Record open(const std::string& path);

  const LogCallback log_;
  std::once_flag looked_;
  std::optional<std::string> folder_;   // absent: there is none
  std::mutex mutex_;                    // guards what follows
  std::map<std::string, Record> open_;  // by path
};

/// Waits until no other program unloads it; false if `stop` was requested before.
bool wait_until_untaken(InstanceRecord& record, const std::stop_token& stop);

/// "another program (pid 4711)".
std::string other_program(const InstanceRecord& record);

}  // namespace tachikoma::models
