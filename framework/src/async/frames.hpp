// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace tachikoma::async {

/// Memory for the frames of coroutines that call each other, as those of one generation do: to take it from
/// the heap, frame by frame, costs more than most of them do. What does not fit is on the heap. Not
/// synchronised: one of them runs at a time.
class Frames {
 public:
  Frames() {}
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  /// Memory for a frame, in `frames` unless that is null or full.
  static void* take(std::size_t size, Frames* frames) {
    size = (size + 2 * sizeof(Head) - 1) / sizeof(Head) * sizeof(Head);
    void* block = nullptr;
    if (frames && frames->room_.size() - frames->used_ >= size) {
      block = frames->room_.data() + frames->used_;
      frames->used_ += size;
      ++frames->taken_;
    } else {
      frames = nullptr;
      block = ::operator new(size);
    }
    return new (block) Head{frames} + 1;
  }
  static void give_back(void* frame) {
    Head* const block = static_cast<Head*>(frame) - 1;
    if (!block->frames)
      ::operator delete(block);
    else if (--block->frames->taken_ == 0)
      block->frames->used_ = 0;
  }

 private:
  struct alignas(std::max_align_t) Head {
    Frames* frames;  // that it is in; null: the heap
  };

  alignas(Head) std::array<std::byte, 8 * 1024> room_;  // a third more than a generation needs by now
  std::size_t used_ = 0;
  std::size_t taken_ = 0;
};

/// The frames of whoever a coroutine is a member of, or gets first.
template <class Owner>
Frames* frames_of(const Owner& owner) {
  if constexpr (requires { owner.frames(); }) return owner.frames();
  return nullptr;
}

}  // namespace tachikoma::async
