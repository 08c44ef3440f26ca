// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>

#include "tachikoma/api.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// A running generation as a range of deltas: `for (const Delta& delta : stream) …`.
///
/// One worker thread reads from the server into a bounded ring buffer; a slow loop slows down the server.
/// Destroying the stream ends the generation and closes its connection. The increment throws a failure as its
/// typed exception; `next()` returns it instead. Movable. Use it from one thread at a time.
class TACHIKOMA_API TextStream {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Delta;
    using difference_type = std::ptrdiff_t;
    using pointer = const Delta*;
    using reference = const Delta&;

    reference operator*() const { return *delta_; }
    pointer operator->() const { return delta_; }
    Iterator& operator++() {
      delta_ = stream_->next().value();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) { return !it.delta_; }

   private:
    friend class TextStream;
    Iterator(TextStream* stream, const Delta* delta) : stream_(stream), delta_(delta) {}
    TextStream* stream_;
    const Delta* delta_;
  };

  TextStream(TextStream&&) noexcept;
  TextStream& operator=(TextStream&&) noexcept;
  ~TextStream();

  /// Waits for the next delta; null after the last one. The delta is valid until the next call.
  Result<const Delta*> next();

  /// Reads the next delta. A stream can be read only once.
  Iterator begin() { return {this, next().value()}; }
  std::default_sentinel_t end() const { return {}; }

  /// Cancels the generation. Deltas that have already arrived can still be read; then comes `cancelled`.
  void cancel();

  /// The whole reply, once `next()` has returned null; before that, `invalid_argument`.
  Result<Reply> reply() const;

 private:
  friend class Generator;
  class Worker;
  explicit TextStream(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace tachikoma
