// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "calls/cassette_form.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::calls {

/// A recording of what a provider was asked and answered: a file of JSON lines, the head and then one for
/// each request.
struct Cassette {
  struct Recorded {
    Interaction interaction;
    std::size_t line = 0;  ///< in the file, counted from 1
  };

  std::string file;
  CassetteHead head = {};
  std::vector<Recorded> all = {};  ///< in the order in which they were asked

  /// Reads all of it. Fails with `invalid_argument`, naming the file and the line.
  static Result<Cassette> read(const std::string& file);
};

/// Writes a cassette, each line at once: a program that is killed leaves whole lines. Thread-safe.
class CassetteWriter {
 public:
  /// Opens the file; the first request begins it anew. `secrets` are left out of all that is written. Fails
  /// with `invalid_argument`, also if the file is there and is no cassette.
  static Result<std::shared_ptr<CassetteWriter>> open(const std::string& file, CassetteHead head,
                                                      std::vector<std::string> secrets);
  CassetteWriter(std::string file, base::Descriptor to, CassetteHead head, std::vector<std::string> secrets)
      : file_(std::move(file)), to_(std::move(to)), head_(std::move(head)), secrets_(std::move(secrets)) {}

  /// The number of the next request.
  std::int64_t next_request() { return ++requests_; }
  /// Fails with `invalid_argument` if it can't be written, and then for every further one: the file has a
  /// gap.
  Status add(Interaction interaction);

 private:
  Status begin_anew();
  Status write(const Value& form);
  Error cannot_write(const std::string& why) const;

  const std::string file_;
  const base::Descriptor to_;
  const CassetteHead head_;
  const std::vector<std::string> secrets_;
  std::once_flag once_;  // guards what follows
  Status begun_ = Done{};
  std::atomic<std::int64_t> requests_ = 0;
  std::atomic<bool> broken_ = false;  // set by the write that failed
};

}  // namespace tachikoma::calls
