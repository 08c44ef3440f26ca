// SPDX-License-Identifier: MIT
#include "cache/packed.hpp"

#include <algorithm>
#include <bit>
#include <vector>

namespace tachikoma::cache {
namespace {

constexpr unsigned kBits = 7;  // of a number in each byte; the eighth says that more follow
constexpr std::uint64_t kMore = 1U << kBits;

}  // namespace

void PackedWriter::number(std::uint64_t number) {
  for (; number >= kMore; number >>= kBits) bytes_ += static_cast<char>(number % kMore | kMore);
  bytes_ += static_cast<char>(number);
}

void PackedWriter::real(double number) { this->number(std::bit_cast<std::uint64_t>(number)); }

void PackedWriter::value(const Value& value) {
  number(static_cast<std::uint64_t>(value.kind()));
  switch (value.kind()) {
    case Value::Kind::null: return;
    case Value::Kind::boolean: return number(value.as_bool());
    case Value::Kind::integer: return number(static_cast<std::uint64_t>(value.as_integer()));
    case Value::Kind::real: return real(value.as_real());
    case Value::Kind::string: return text(value.as_string());
    case Value::Kind::array:
      number(value.elements().size());
      for (const Value& each : value.elements()) this->value(each);
      return;
    case Value::Kind::object: return members(value.members());
  }
}

void PackedWriter::members(const Value::Object& members) {
  std::vector<const Member*> sorted;
  sorted.reserve(members.size());
  for (const Member& member : members) sorted.push_back(&member);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Member* a, const Member* b) { return a->key < b->key; });
  number(sorted.size());
  for (const Member* member : sorted) {
    text(member->key);
    value(member->value);
  }
}

std::uint64_t PackedReader::number() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += kBits) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number |= (byte % kMore) << shift;
    if (byte < kMore) return number;
  }
  fail();
  return 0;
}

std::string_view PackedReader::text() {
  const std::uint64_t size = number();
  if (size > rest_.size()) fail();
  const std::string_view text = rest_.substr(0, failed_ ? 0 : size);
  rest_.remove_prefix(text.size());
  return text;
}

double PackedReader::real() { return std::bit_cast<double>(number()); }

void PackedReader::fail() {
  failed_ = true;
  rest_ = {};
}

}  // namespace tachikoma::cache
