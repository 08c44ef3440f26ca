// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <utility>

namespace lmstudio_sim {

/// How many requests a model answers at once. Whoever waits can wait for a descriptor, and so for its
/// client too. Thread-safe.
class Seats {
 public:
  /// `count` seats, all free.
  explicit Seats(std::int64_t count);
  ~Seats();
  Seats(const Seats&) = delete;
  Seats& operator=(const Seats&) = delete;

  /// Takes a seat if one is free.
  bool take();
  void give_back();
  /// Can be read while a seat is free; another may be faster.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// A seat that is taken until the object ends.
class Seat {
 public:
  Seat() = default;
  explicit Seat(Seats* seats) : seats_(seats) {}
  Seat(Seat&& other) noexcept : seats_(std::exchange(other.seats_, nullptr)) {}
  Seat& operator=(Seat&& other) noexcept {
    std::swap(seats_, other.seats_);
    return *this;
  }
  ~Seat() {
    if (seats_) seats_->give_back();
  }

 private:
  Seats* seats_ = nullptr;
};

}  // namespace lmstudio_sim
