// SPDX-License-Identifier: MIT
#include "support/gguf_writer.hpp"

#include <bit>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace tachikoma::testing {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the file is little-endian, as this machine must be");

constexpr std::uint32_t kVersion = 3;
constexpr std::uint64_t kAlignment = 32;
constexpr std::uint32_t kUint32 = 4, kInt32 = 5, kFloat32 = 6, kBool = 7, kString = 8, kArray = 9;

template <class T>
void put(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string& out, std::string_view text) {
  put<std::uint64_t>(out, text.size());
  out += text;
}

std::uint64_t aligned(std::uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

void GgufWriter::start(std::string_view key, std::uint32_t type) {
  put_text(metadata_, key);
  put(metadata_, type);
  ++metadata_count_;
}

void GgufWriter::add(std::string_view key, std::string_view text) {
  start(key, kString);
  put_text(metadata_, text);
}

void GgufWriter::add(std::string_view key, std::uint32_t number) {
  start(key, kUint32);
  put(metadata_, number);
}

void GgufWriter::add(std::string_view key, float number) {
  start(key, kFloat32);
  put(metadata_, number);
}

void GgufWriter::add(std::string_view key, bool flag) {
  start(key, kBool);
  put(metadata_, static_cast<std::uint8_t>(flag));
}

void GgufWriter::add(std::string_view key, const std::vector<std::string>& texts) {
  start(key, kArray);
  put(metadata_, kString);
  put<std::uint64_t>(metadata_, texts.size());
  for (const std::string& text : texts) put_text(metadata_, text);
}

void GgufWriter::add(std::string_view key, const std::vector<std::int32_t>& numbers) {
  start(key, kArray);
  put(metadata_, kInt32);
  put<std::uint64_t>(metadata_, numbers.size());
  for (const std::int32_t number : numbers) put(metadata_, number);
}

void GgufWriter::add(std::string_view key, const std::vector<float>& numbers) {
  start(key, kArray);
  put(metadata_, kFloat32);
  put<std::uint64_t>(metadata_, numbers.size());
  for (const float number : numbers) put(metadata_, number);
}

void GgufWriter::add(std::string_view key, const std::vector<bool>& flags) {
  start(key, kArray);
  put(metadata_, kBool);
  put<std::uint64_t>(metadata_, flags.size());
  for (const bool flag : flags) put(metadata_, static_cast<std::uint8_t>(flag));
}

void GgufWriter::add_raw(std::string_view key, std::uint32_t type, std::string_view bytes) {
  start(key, type);
  metadata_ += bytes;
}

void GgufWriter::add_tensor(std::string name, std::uint64_t rows, std::uint64_t columns, Fill fill,
                            std::uint64_t matrices, GgufTensorKind kind) {
  std::vector<std::uint64_t> dimensions{columns};
  if (rows != 0) dimensions.push_back(rows);
  if (matrices != 0) dimensions.push_back(matrices);
  tensors_.push_back({std::move(name), std::move(dimensions), std::move(fill), kind});
}

void GgufWriter::add_zeros(std::string name, std::vector<std::uint64_t> dimensions) {
  tensors_.push_back({std::move(name), std::move(dimensions), {}, kF32});
}

std::string GgufWriter::head() const {
  std::string head = "GGUF";
  put(head, kVersion);
  put<std::uint64_t>(head, tensors_.size());
  put(head, metadata_count_);
  head += metadata_;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : tensors_) {
    put_text(head, tensor.name);
    put(head, static_cast<std::uint32_t>(tensor.dimensions.size()));
    for (const std::uint64_t each : tensor.dimensions) put(head, each);
    put(head, tensor.kind.type);
    put(head, offset);
    offset = aligned(offset + tensor.bytes());
  }
  return head;
}

void GgufWriter::write(const std::string& path) const {
  std::string head = this->head();
  head.resize(aligned(head.size()), '\0');

  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(head.data(), static_cast<std::streamsize>(head.size()));
  for (const Tensor& tensor : tensors_) {
    const std::uint64_t size = tensor.bytes();
    if (!tensor.fill) {
      file.seekp(static_cast<std::streamoff>(aligned(size)), std::ios::cur);
      continue;
    }
    std::vector<float> numbers(tensor.count());
    tensor.fill(numbers);
    file.write(reinterpret_cast<const char*>(numbers.data()), static_cast<std::streamsize>(size));
    file.write("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
               static_cast<std::streamsize>(aligned(size) - size));
  }
  const std::streamoff end = file.tellp();
  file.close();
  std::error_code failed;
  std::filesystem::resize_file(path, static_cast<std::uintmax_t>(end), failed);  // the last may be a hole
  if (!file || failed) throw std::runtime_error("can't write '" + path + "'");
}

}  // namespace tachikoma::testing
