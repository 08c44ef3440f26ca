// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::base {

/// The kinds of values in a GGUF file, with the file's numbers.
enum class GgufType : std::uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  string,
  array,
  u64,
  i64,
  f64
};

/// Steps through the metadata of a GGUF file. After the first failure every read returns zero and the cursor
/// stays put, so a caller may take a few steps and check once. Not synchronised.
class GgufCursor {
 public:
  /// The metadata of real models is a few MiB, most of it the vocabulary.
  static constexpr std::uint64_t kLimit = std::uint64_t{256} << 20;

  /// `file` must outlive it.
  explicit GgufCursor(const Bytes& file) : file_(file) {}

  std::uint64_t at() const { return at_; }
  bool failed() const { return failure_.has_value(); }
  const Error& failure() const { return *failure_; }
  /// Records that the file is damaged here; `what` says how.
  void fail(const std::string& what) { fail(at_, what); }

  /// `what` names it in an error: "the length of a key".
  template <class T>
  T number(std::string_view what) {
    T value{};
    if (const char* bytes = take(sizeof value, what)) std::memcpy(&value, bytes, sizeof value);
    return value;
  }
  /// Reads a string; more than `limit` bytes are an error.
  std::string text(std::uint64_t limit, std::string_view what);
  GgufType type(std::string_view key);

  /// Reads the value of `key`, which must be a string.
  std::string text_value(std::string_view key);
  /// The same of a text of any length, of which the first 64 KiB are returned, as they are; empty if it is
  /// none.
  std::string text_beginning(std::string_view key);
  std::int64_t integer_value(std::string_view key);
  /// Reads one integer, or an array of integers or flags.
  std::vector<std::int64_t> integer_values(std::string_view key);
  void skip_value(std::string_view key);

 private:
  void fail(std::uint64_t at, const std::string& what);
  bool has(std::uint64_t count, std::string_view what);
  const char* take(std::size_t count, std::string_view what);
  void skip(std::uint64_t count, std::string_view what);
  void skip_value(GgufType type, std::string_view key, unsigned depth);
  void skip_array(std::string_view key, unsigned depth);
  std::uint64_t element_count(GgufType type, std::string_view key);
  std::int64_t integer(GgufType type, std::string_view key);
  void wrong_type(std::string_view key, GgufType found, std::string_view expected);

  const Bytes& file_;
  std::uint64_t at_ = 0;
  std::vector<char> window_;  // a part of the file, starting at `window_at_`
  std::uint64_t window_at_ = 0;
  std::optional<Error> failure_;
};

/// Text from a file, quoted for a message: valid UTF-8, on one line, truncated.
std::string in_quotes(std::string_view text);

}  // namespace tachikoma::base
