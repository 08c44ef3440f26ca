// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "tachikoma/memory_report.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma {

/// The file in which a running program tells `tachikoma ps` what it keeps in memory (docs/json.md). A thread
/// of its own looks whether that has changed, and then replaces the file as a whole. It is removed at the
/// end.
class StatusFile {
 public:
  using MakeReport = std::function<MemoryReport()>;
  static constexpr std::chrono::milliseconds kPace{250};

  /// Writes the file. `config` is the program's configuration, or empty; `report` is called every `pace`, on
  /// that thread. Null if no file can be written; the log says why, at debug level.
  static std::unique_ptr<StatusFile> make(const std::string& config, MakeReport report,
                                          const LogCallback& log, std::chrono::milliseconds pace = kPace);
  ~StatusFile();
  StatusFile(const StatusFile&) = delete;
  StatusFile& operator=(const StatusFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  /// What the file says, and since when.
  struct Snapshot {
    MemoryReport report;
    std::chrono::system_clock::time_point at;
  };

  StatusFile(std::string folder, Value program, MakeReport report)
      : folder_(std::move(folder)), program_(std::move(program)), report_(std::move(report)) {}
  Status create();
  void follow(std::chrono::milliseconds pace, const LogCallback& log);
  Status update();
  Snapshot look() const { return {report_(), std::chrono::system_clock::now()}; }
  static bool differ(const Snapshot& a, const Snapshot& b);
  Result<std::string> write(const Snapshot& snapshot) const;

  const std::string folder_;
  const Value program_;  // who it is
  const MakeReport report_;
  std::string path_;
  Snapshot written_;
  std::mutex mutex_;              // guards `ending_`
  std::condition_variable ends_;  // wakes the thread
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tachikoma
