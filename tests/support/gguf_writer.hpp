// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tachikoma::testing {

/// How a tensor's numbers are stored: by blocks of so many numbers in so many bytes.
struct GgufTensorKind {
  std::uint32_t type = 0;  ///< the format's number
  std::uint64_t numbers = 1, bytes = 4;
};
inline constexpr GgufTensorKind kF32{}, kF16{1, 1, 2}, kQ4_0{2, 32, 18}, kQ8_0{8, 32, 34};

/// Writes a model file in the GGUF format, version 3, little-endian.
///
/// Metadata is written in the order of the calls; a tensor's numbers are made only while the file is
/// written, one tensor at a time.
class GgufWriter {
 public:
  /// Fills a tensor of that many elements, as 32-bit floats; an empty one leaves zeros, as a hole that takes
  /// no disk.
  using Fill = std::function<void(std::vector<float>&)>;

  void add(std::string_view key, std::string_view text);
  void add(std::string_view key, const char* text) { add(key, std::string_view(text)); }  // and not as a bool
  void add(std::string_view key, std::uint32_t number);
  void add(std::string_view key, float number);
  void add(std::string_view key, bool flag);
  void add(std::string_view key, const std::vector<std::string>& texts);
  void add(std::string_view key, const std::vector<std::int32_t>& numbers);
  void add(std::string_view key, const std::vector<float>& numbers);
  void add(std::string_view key, const std::vector<bool>& flags);

  /// A value of any type that the format has, or does not have, as its bytes.
  void add_raw(std::string_view key, std::uint32_t type, std::string_view bytes);

  /// A matrix of `rows` rows, or a vector when `rows` is 0; `columns` numbers follow each other. With
  /// `matrices`, so many of them. A kind that is not 32-bit floats is for zeros only.
  void add_tensor(std::string name, std::uint64_t rows, std::uint64_t columns, Fill fill,
                  std::uint64_t matrices = 0, GgufTensorKind kind = kF32);
  /// Zeros of any dimensions, the fastest first.
  void add_zeros(std::string name, std::vector<std::uint64_t> dimensions);

  /// Everything before the tensors' numbers.
  std::string head() const;
  /// Writes the whole file; throws std::runtime_error when it can't.
  void write(const std::string& path) const;

 private:
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dimensions;  // the fastest first
    Fill fill;
    GgufTensorKind kind;
    std::uint64_t count() const {
      std::uint64_t numbers = 1;
      for (const std::uint64_t each : dimensions) numbers *= each;
      return numbers;
    }
    std::uint64_t bytes() const { return count() / kind.numbers * kind.bytes; }
  };
  void start(std::string_view key, std::uint32_t type);

  std::string metadata_;
  std::uint64_t metadata_count_ = 0;
  std::vector<Tensor> tensors_;
};

}  // namespace tachikoma::testing
