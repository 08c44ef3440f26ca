// SPDX-License-Identifier: MIT
#include "base/bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace tachikoma::base {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

bool FileBytes::read(std::uint64_t offset, void* to, std::size_t count) const {
  const std::size_t page = static_cast<std::size_t>(std::min(kPage, size_));
  if (offset > page || count > page - offset) return read_file(offset, to, count);
  if (!head_) {
    auto head = std::make_unique_for_overwrite<char[]>(page);
    if (!read_file(0, head.get(), page)) return false;
    head_ = std::move(head);
  }
  std::copy_n(head_.get() + offset, count, static_cast<char*>(to));
  return true;
}

bool FileBytes::read_file(std::uint64_t offset, void* to, std::size_t count) const {
  char* out = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor_, out, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace tachikoma::base
