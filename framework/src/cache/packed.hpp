// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::cache {

/// Writes texts and numbers one after another, so that different ones never give the same bytes.
class PackedWriter {
 public:
  void number(std::uint64_t number);
  void text(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }
  void real(double number);
  /// Equal values give equal bytes, whatever the order of their members.
  void value(const Value& value);

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  void members(const Value::Object& members);

  std::string bytes_;
};

/// Reads what a `PackedWriter` wrote. After a failure all that it gives is empty.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number();
  /// Of the bytes that are read, and as long valid.
  std::string_view text();
  double real();

  bool at_end() const { return rest_.empty(); }
  /// The bytes were not as they have to be.
  bool failed() const { return failed_; }

 private:
  void fail();

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace tachikoma::cache
