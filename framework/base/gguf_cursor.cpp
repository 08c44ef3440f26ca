// SPDX-License-Identifier: MIT
#include "base/gguf_cursor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "base/excerpt.hpp"
#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers of a file are little-endian");

constexpr std::size_t kWindow = 64 * 1024;
constexpr std::uint64_t kLongestText = 64 * 1024;  // for a text that is kept
constexpr std::uint64_t kMaxElements = 1024;       // for an array that is kept; llama.cpp: 512 layers
constexpr unsigned kDeepestArray = 4;              // llama.cpp takes no array in an array at all

constexpr std::array<std::string_view, 13> kTypeNames = {
    "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "text", "an array", "u64", "i64", "f64"};
// For strings and arrays: the minimum size.
constexpr std::array<std::uint64_t, 13> kTypeSizes = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

std::string_view name_of(GgufType type) { return kTypeNames[static_cast<std::size_t>(type)]; }
std::uint64_t size_of(GgufType type) { return kTypeSizes[static_cast<std::size_t>(type)]; }

std::string cited(std::string_view text) { return printable(text, 80, '?'); }

}  // namespace

std::string in_quotes(std::string_view text) { return "'" + cited(text) + "'"; }

void GgufCursor::fail(std::uint64_t at, const std::string& what) {
  if (!failure_)
    failure_ = Error(ErrorCode::protocol, "at byte " + std::to_string(at) + ": " + what,
                     "download or copy the file again");
}

bool GgufCursor::has(std::uint64_t count, std::string_view what) {
  if (failed()) return false;
  const std::uint64_t left = file_.size() - at_;  // `at_` is never beyond the end
  if (count > left)
    fail(at_, "the file is cut short: " + cited(what) + " takes " + std::to_string(count) + " bytes, and " +
                  std::to_string(left) + " are left");
  else if (count > kLimit - at_)
    fail(at_, "the metadata is larger than " + std::to_string(kLimit >> 20) + " MiB");
  return !failed();
}

const char* GgufCursor::take(std::size_t count, std::string_view what) {
  if (!has(count, what)) return nullptr;
  const std::uint64_t window_end = window_at_ + window_.size();
  if (at_ < window_at_ || at_ + count > window_end) {
    window_.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(count, kWindow), file_.size() - at_)));
    window_at_ = at_;
    if (!file_.read(at_, window_.data(), window_.size())) {
      window_.clear();
      fail(at_, "the file can't be read, or changed while it was read");
      return nullptr;
    }
  }
  const char* bytes = window_.data() + (at_ - window_at_);
  at_ += count;
  return bytes;
}

void GgufCursor::skip(std::uint64_t count, std::string_view what) {
  if (has(count, what)) at_ += count;
}

std::string GgufCursor::text(std::uint64_t limit, std::string_view what) {
  const std::uint64_t start = at_;
  const auto length = number<std::uint64_t>(what);
  if (!has(length, what)) return {};
  if (length > limit) {
    fail(start, cited(what) + " has " + std::to_string(length) + " bytes, and at most " +
                    std::to_string(limit) + " make sense");
    return {};
  }
  const char* bytes = take(static_cast<std::size_t>(length), what);
  return bytes ? std::string(bytes, static_cast<std::size_t>(length)) : std::string();
}

GgufType GgufCursor::type(std::string_view key) {
  const std::uint64_t start = at_;
  const auto number = this->number<std::uint32_t>("the type of a value");
  if (number < kTypeNames.size()) return static_cast<GgufType>(number);
  fail(start, "the value of " + in_quotes(key) + " is of type " + std::to_string(number) +
                  ", and GGUF has none above 12");
  return GgufType::u8;
}

void GgufCursor::wrong_type(std::string_view key, GgufType found, std::string_view expected) {
  fail(at_, in_quotes(key) + " is " + std::string(name_of(found)) + ", not " + std::string(expected));
}

std::string GgufCursor::text_value(std::string_view key) {
  const GgufType found = type(key);
  if (found == GgufType::string) return repair_utf8(text(kLongestText, key));
  wrong_type(key, found, "text");
  return {};
}

std::string GgufCursor::text_beginning(std::string_view key) {
  const GgufType found = type(key);
  if (found != GgufType::string) {
    skip_value(found, key, 0);
    return {};
  }
  const auto length = number<std::uint64_t>(key);
  if (!has(length, key)) return {};
  const auto kept = static_cast<std::size_t>(std::min(length, kLongestText));
  const char* bytes = take(kept, key);
  if (!bytes) return {};
  std::string text(bytes, kept);
  skip(length - kept, key);
  return text;
}

std::int64_t GgufCursor::integer(GgufType type, std::string_view key) {
  const std::uint64_t start = at_;
  std::int64_t value = 0;
  switch (type) {
    case GgufType::u8: value = number<std::uint8_t>(key); break;
    case GgufType::i8: value = number<std::int8_t>(key); break;
    case GgufType::u16: value = number<std::uint16_t>(key); break;
    case GgufType::i16: value = number<std::int16_t>(key); break;
    case GgufType::u32: value = number<std::uint32_t>(key); break;
    case GgufType::i32: value = number<std::int32_t>(key); break;
    case GgufType::u64:  // too large for int64: negative, and rejected as such
    case GgufType::i64: value = number<std::int64_t>(key); break;
    default: wrong_type(key, type, "an integer");
  }
  if (value >= 0) return value;
  const std::string shown =
      type == GgufType::u64 ? std::to_string(static_cast<std::uint64_t>(value)) : std::to_string(value);
  fail(start, in_quotes(key) + " is " + shown + ", which no model has");
  return 0;
}

std::int64_t GgufCursor::integer_value(std::string_view key) {
  const GgufType found = type(key);
  return failed() ? 0 : integer(found, key);
}

std::vector<std::int64_t> GgufCursor::integer_values(std::string_view key) {
  const GgufType found = type(key);
  if (failed()) return {};
  if (found != GgufType::array) return {integer(found, key)};
  GgufType element = type(key);
  if (element == GgufType::boolean) element = GgufType::u8;
  const std::uint64_t start = at_;
  const std::uint64_t count = element_count(element, key);
  if (count > kMaxElements)
    fail(start,
         in_quotes(key) + " has " + std::to_string(count) + " elements, and no model has so many layers");
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < count && !failed(); ++i) values.push_back(integer(element, key));
  return values;
}

// Bounded by the size of the file, and so is every loop over the elements.
std::uint64_t GgufCursor::element_count(GgufType type, std::string_view key) {
  const std::uint64_t start = at_;
  const auto count = number<std::uint64_t>("the length of an array");
  if (failed()) return 0;
  const std::uint64_t max_count = (file_.size() - at_) / size_of(type);
  if (count <= max_count) return count;
  fail(start, "the file is cut short: " + in_quotes(key) + " has " + std::to_string(count) +
                  " elements, and at most " + std::to_string(max_count) + " are left");
  return 0;
}

void GgufCursor::skip_value(std::string_view key) {
  const GgufType found = type(key);
  skip_value(found, key, 0);
}

void GgufCursor::skip_value(GgufType type, std::string_view key, unsigned depth) {
  if (failed()) return;
  if (type == GgufType::array) return skip_array(key, depth + 1);
  if (type != GgufType::string) return skip(size_of(type), key);
  skip(number<std::uint64_t>(key), key);
}

void GgufCursor::skip_array(std::string_view key, unsigned depth) {
  if (depth > kDeepestArray)
    return fail(
        at_, in_quotes(key) + " has arrays nested deeper than " + std::to_string(kDeepestArray) + " levels");
  const GgufType element = type(key);
  const std::uint64_t count = element_count(element, key);
  if (element != GgufType::string && element != GgufType::array) return skip(count * size_of(element), key);
  for (std::uint64_t i = 0; i < count && !failed(); ++i) skip_value(element, key, depth);
}

}  // namespace tachikoma::base
