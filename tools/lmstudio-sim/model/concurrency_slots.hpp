// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <utility>

namespace lmstudio_sim {

/// How many requests a model answers at once. Whoever waits can wait for a descriptor, and so for its
/// client too. Thread-safe.
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
  /// Can be read while a slot is free; another may be faster.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// A slot that is taken until the object ends.
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
