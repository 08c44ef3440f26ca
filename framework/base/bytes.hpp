// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace tachikoma::base {

/// The bytes of an untrusted file.
class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual std::uint64_t size() const = 0;
  /// Copies `count` bytes from `offset`; false when they are not there (any more).
  virtual bool read(std::uint64_t offset, void* to, std::size_t count) const = 0;
};

/// An open file, closed with it; negative when opening failed.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int value() const { return value_; }

 private:
  int value_;
};

/// The bytes of an open file, read and not mapped: if the file shrinks, a read fails; with a mapping it would
/// be a SIGBUS. The first page, of which headers are read bit by bit, is read once. Does not own the
/// descriptor. Not thread-safe.
class FileBytes final : public Bytes {
 public:
  FileBytes(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override;

 private:
  bool read_file(std::uint64_t offset, void* to, std::size_t count) const;

  int descriptor_;
  std::uint64_t size_;
  mutable std::unique_ptr<char[]> head_;  // null: not read yet
};

}  // namespace tachikoma::base
