// SPDX-License-Identifier: MIT
#pragma once

#include <cstring>
#include <string_view>

#include "base/bytes.hpp"

namespace tachikoma::testing {

/// A file's bytes that are not a file. They must outlive it.
class MemoryBytes final : public base::Bytes {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override {
    if (offset > bytes_.size() || count > bytes_.size() - offset) return false;
    if (count > 0) std::memcpy(to, bytes_.data() + offset, count);
    return true;
  }

 private:
  std::string_view bytes_;
};

}  // namespace tachikoma::testing
