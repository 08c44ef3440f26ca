// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <utility>

namespace lmstudio_sim {

/// Limits how many requests a model answers at once. Waiting is done on a descriptor, so that the client's
/// connection can be watched too. Thread-safe.
class ConcurrencySlots {
 public:
  /// `count` slots, all free.
  explicit ConcurrencySlots(std::int64_t count);
  ~ConcurrencySlots();
  ConcurrencySlots(const ConcurrencySlots&) = delete;
  ConcurrencySlots& operator=(const ConcurrencySlots&) = delete;

  /// Takes a slot if one is free.
  bool try_acquire();
  void release();
  /// Readable while a slot is free; another thread may acquire it first.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Holds a slot until the object is destroyed.
class ConcurrencySlot {
 public:
  ConcurrencySlot() = default;
  explicit ConcurrencySlot(ConcurrencySlots* slots) : slots_(slots) {}
  ConcurrencySlot(ConcurrencySlot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
  ConcurrencySlot& operator=(ConcurrencySlot&& other) noexcept {
    std::swap(slots_, other.slots_);
    return *this;
  }
  ~ConcurrencySlot() {
    if (slots_) slots_->release();
  }

 private:
  ConcurrencySlots* slots_ = nullptr;
};

}  // namespace lmstudio_sim
