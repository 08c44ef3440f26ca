// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "common/chat/chunk_reader.hpp"

namespace tachikoma::kit {

/// The readers that the replies of one provider share: one is needed for each chunk that is being read, and
/// to make one takes as long as to read with it. [thread-safe]
class ChunkReaders {
 public:
  /// A reader while it is in use.
  class Lease {
   public:
    explicit Lease(ChunkReaders& from) : from_(from), reader_(from.take()) {}
    ~Lease() { from_.keep(std::move(reader_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    ChunkReader& operator*() const { return *reader_; }
    ChunkReader* operator->() const { return reader_.get(); }

   private:
    ChunkReaders& from_;
    std::unique_ptr<ChunkReader> reader_;
  };

 private:
  std::unique_ptr<ChunkReader> take() {
    {
      const std::lock_guard lock(mutex_);
      if (count_ > 0) return std::move(idle_[--count_]);
    }
    return std::make_unique<ChunkReader>();
  }

  void keep(std::unique_ptr<ChunkReader> reader) {
    if (!reader->small()) return;
    const std::lock_guard lock(mutex_);
    if (count_ < idle_.size()) idle_[count_++] = std::move(reader);
  }

  std::mutex mutex_;  // guards what follows
  std::array<std::unique_ptr<ChunkReader>, 16> idle_;
  std::size_t count_ = 0;
};

}  // namespace tachikoma::kit
