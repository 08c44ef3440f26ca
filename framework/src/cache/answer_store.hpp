// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cache/answer_file.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::cache {

/// Answers on disk, by the whole text of their requests; several programs may share the file. The file is
/// opened when it is first needed. Whatever is wrong with it is logged, each thing once, and never fails a
/// generation: then nothing is found, and nothing is kept. Thread-safe; calls block for the time of the disk.
class AnswerStore {
 public:
  using Clock = std::chrono::system_clock;
  /// `now`, and how long one waits until the file can be opened or written, are for tests.
  AnswerStore(const CacheConfig& config, LogCallback log, std::function<Clock::time_point()> now = Clock::now,
              std::chrono::milliseconds patience = std::chrono::seconds(5));

  /// The answer that was kept for exactly this request, and is not older than the configured time.
  std::optional<std::string> find(std::string_view request);
  /// Keeps it, in the place of an earlier one, and makes room: those that were not used for the longest time
  /// leave. One that would take more than a quarter of the room is not kept.
  void keep(std::string_view request, std::string_view answer);

  const std::string& file() const { return file_; }

 private:
  template <class T, class Use>
  std::optional<T> use(const char* purpose, const Use& use);
  Result<std::optional<AnswerFile>> take();
  Result<AnswerFile> open();
  void give_back(AnswerFile connection);
  void report(const char* purpose, const Error& error);
  void begin_anew(std::uint64_t damaged, const Error& why);
  Result<std::optional<std::string>> find_in(base::Database& database, std::string_view request) const;
  Status keep_in(base::Database& database, std::string_view request, std::string_view answer) const;
  void note_use(base::Database& database, std::int64_t id) const;
  Status make_room(base::Database& database) const;
  std::int64_t now_ms() const;

  const std::string file_;
  const std::int64_t ttl_ms_;  // 0: they never grow old
  const std::int64_t max_size_;
  const LogCallback log_;
  const std::function<Clock::time_point()> now_;
  const std::chrono::milliseconds patience_;
  std::atomic<bool> locked_out_ = false;  // whoever wrote last, waited in vain: nobody waits until it is over
  std::mutex mutex_;                      // guards what follows; not held while the disk is used
  std::vector<AnswerFile> idle_;
  std::uint64_t number_ = 0;  // of the file that was opened last
  bool off_ = false;          // it can't be opened
  std::set<std::string> said_;
};

}  // namespace tachikoma::cache
