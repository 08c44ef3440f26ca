// SPDX-License-Identifier: MIT
#include "base/bytes.hpp"

#include <cerrno>
#include <unistd.h>

namespace tachikoma::base {

Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

bool FileBytes::read(std::uint64_t offset, void* to, std::size_t count) const {
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
