// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "models/instance_records.hpp"

namespace tachikoma::models {

/// The instances of one model on a server that outlives this program: which of them are ours to unload, and
/// that other programs see when they are used here. Thread-safe.
class SharedInstances {
 public:
  using Record = InstanceRecords::Record;

  ~SharedInstances();

  /// A request uses them from now on, until `leave`. Fails if another program unloads one, or has.
  bool enter();
  void leave();
  /// Whether they count as used here although no request uses them.
  void keep(bool kept);

  /// This program has loaded one. `record` is null if other programs are not to unload it.
  void add(const std::string& id, Record record);
  /// What is in memory, and the valid records by id. True if there is one of another program that was not
  /// known before.
  bool update(const std::vector<std::string>& ids, const std::map<std::string, Record>& records);
  /// Whether this program may unload all of them: it has loaded them, or others have that left records.
  bool are_ours() const;
  /// The records of those that another program has loaded.
  std::vector<Record> adopted() const;

  /// Before they are unloaded: nobody else begins to use them until `give_back` or `clear`. Fails with
  /// `overloaded` if another program uses one, with `model_lost` if they are not what they were.
  Status take();
  void give_back();
  /// They are unloaded.
  void clear();
  /// Waits until no other program unloads one of them; false if `stop` was requested before.
  bool wait_until_untaken(const std::stop_token& stop);

 private:
  struct Instance {
    std::string id;
    bool own;
    Record record;
    bool entered = false;
  };

  bool enter_all();
  void leave_all();
  bool all_ours() const;
  bool used() const { return uses_ > 0 || kept_; }

  mutable std::mutex mutex_;  // guards what follows
  std::vector<Instance> instances_;
  std::size_t uses_ = 0;
  bool kept_ = false;
};

/// The record of an instance that is being loaded: used as long as this exists.
class Announcement {
 public:
  Announcement() = default;
  explicit Announcement(SharedInstances::Record record) : record_(std::move(record)) {}
  Announcement(Announcement&&) = default;
  Announcement& operator=(Announcement&& other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~Announcement() {
    if (record_) record_->leave();
  }
  /// It was not loaded here. Another program may have loaded it meanwhile: then `is_there`, and the record
  /// stays.
  template <class IsThere>
  void withdraw(const IsThere& is_there) {
    const SharedInstances::Record record = std::exchange(record_, nullptr);
    if (!record) return;
    record->leave();
    record->remove_if([&] { return !is_there(); });
  }
  /// False if there is no record.
  explicit operator bool() const { return record_ != nullptr; }
  /// It was loaded.
  SharedInstances::Record keep() {
    if (record_) record_->leave();
    return std::exchange(record_, nullptr);
  }

 private:
  SharedInstances::Record record_;
};

/// What other programs see of a load while it runs.
struct LoadSeenByOthers {
  RunningLoad running;
  Announcement announced;  ///< none if another program is loading it, or if there are no records
};

/// That a request uses a model's instances, as long as this exists; or nothing.
class InstanceUse {
 public:
  InstanceUse() = default;
  /// Of instances that were entered.
  explicit InstanceUse(SharedInstances& instances) : instances_(&instances) {}
  InstanceUse(InstanceUse&& other) noexcept : instances_(std::exchange(other.instances_, nullptr)) {}
  InstanceUse& operator=(InstanceUse&&) = delete;
  ~InstanceUse() {
    if (instances_) instances_->leave();
  }

 private:
  SharedInstances* instances_ = nullptr;
};

}  // namespace tachikoma::models
