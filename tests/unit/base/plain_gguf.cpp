// SPDX-License-Identifier: MIT
#include "unit/base/plain_gguf.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace tachikoma::testing {
namespace {

constexpr std::uint32_t kString = 8, kArray = 9;

// Throws std::out_of_range at the end.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  std::string_view bytes(std::uint64_t count) {
    if (count > rest_.size()) throw std::out_of_range("the end");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <class T>
  T number() {
    T value{};
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(bytes(number<std::uint64_t>())); }

  void scalar(std::uint32_t type, PlainGguf::Value& into) {
    switch (type) {
      case 0:
      case 7: return into.integers.push_back(number<std::uint8_t>());
      case 1: return into.integers.push_back(number<std::int8_t>());
      case 2: return into.integers.push_back(number<std::uint16_t>());
      case 3: return into.integers.push_back(number<std::int16_t>());
      case 4: return into.integers.push_back(number<std::uint32_t>());
      case 5: return into.integers.push_back(number<std::int32_t>());
      case 6: bytes(4); return;
      case kString: into.text = text(); return;
      case 10:
      case 11: return into.integers.push_back(number<std::int64_t>());
      case 12: bytes(8); return;
      default: throw std::out_of_range("no such type");
    }
  }
  PlainGguf::Value value(std::uint32_t type) {
    PlainGguf::Value read{.type = type};
    if (type != kArray) {
      scalar(type, read);
      return read;
    }
    read.array = true;
    read.type = number<std::uint32_t>();
    const auto count = number<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i)
      if (read.type == kArray)
        value(kArray);
      else
        scalar(read.type, read);
    return read;
  }

 private:
  std::string_view rest_;
};

PlainGguf read_all(Reader reader) {
  PlainGguf file;
  if (reader.bytes(4) != "GGUF") throw std::out_of_range("no GGUF");
  reader.number<std::uint32_t>();
  const auto tensors = reader.number<std::uint64_t>(), entries = reader.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < entries; ++i) {
    std::string key = reader.text();
    const auto type = reader.number<std::uint32_t>();
    file.values.insert_or_assign(std::move(key), reader.value(type));
  }
  for (std::uint64_t i = 0; i < tensors; ++i) {
    PlainGguf::Tensor tensor;
    tensor.name = reader.text();
    const auto dimensions = reader.number<std::uint32_t>();
    for (std::uint32_t d = 0; d < dimensions; ++d)
      tensor.dimensions.push_back(reader.number<std::uint64_t>());
    tensor.type = reader.number<std::uint32_t>();
    tensor.offset = reader.number<std::uint64_t>();
    file.tensors.push_back(std::move(tensor));
  }
  return file;
}

}  // namespace

std::optional<PlainGguf> PlainGguf::read(std::string_view file) {
  try {
    return read_all(Reader(file));
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

std::optional<std::int64_t> PlainGguf::integer(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end() || found->second.array || found->second.integers.empty()) return std::nullopt;
  return found->second.integers.front();
}

}  // namespace tachikoma::testing
