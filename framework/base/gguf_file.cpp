// SPDX-License-Identifier: MIT
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "base/ascii.hpp"
#include "base/gguf.hpp"
#include "base/gguf_cursor.hpp"

namespace tachikoma::base {
namespace {

constexpr std::string_view kExtension = ".gguf";
constexpr std::size_t kDigits = 5;

Error about(const std::filesystem::path& file, Error error) {
  error.message = in_quotes(file.string()) + ": " + error.message;
  return error;
}

Error no_file(std::string what, std::string hint) {
  return Error(ErrorCode::invalid_argument, std::move(what), std::move(hint));
}

Result<GgufModel> read_one(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (descriptor.value() < 0 || ::fstat(descriptor.value(), &status) != 0)
    return no_file(std::string("the file can't be read (") + std::strerror(errno) + ")",
                   "check that it exists and that you may read it");
  if (!S_ISREG(status.st_mode)) return no_file("it is not a regular file", "name a .gguf file");
  return read_gguf(FileBytes(descriptor.value(), static_cast<std::uint64_t>(status.st_size)));
}

// Removes a five-digit number from the end of `name` and returns it; 0 if there is none.
unsigned cut_number(std::string_view& name) {
  if (name.size() < kDigits) return 0;
  const std::string_view digits = name.substr(name.size() - kDigits);
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + kDigits, number);
  if (failure != std::errc() || end != digits.data() + kDigits) return 0;
  name.remove_suffix(kDigits);
  return number;
}

bool cut_text(std::string_view& name, std::string_view text) {
  if (!name.ends_with(text)) return false;
  name.remove_suffix(text.size());
  return true;
}

std::string padded(unsigned number) {
  const std::string digits = std::to_string(number);
  return std::string(kDigits - std::min(digits.size(), kDigits), '0') + digits;
}

}  // namespace

bool has_gguf_suffix(std::string_view name) {
  return name.size() >= kExtension.size() &&
         same_ignoring_case(name.substr(name.size() - kExtension.size()), kExtension);
}

std::string_view without_gguf_suffix(std::string_view name) {
  return has_gguf_suffix(name) ? name.substr(0, name.size() - kExtension.size()) : name;
}

bool names_file(std::string_view model) {
  return model.starts_with('/') || model.starts_with("./") || model.starts_with("../") ||
         model.starts_with("~/") || has_gguf_suffix(model);
}

std::string GgufShard::file_name(unsigned of_index) const {
  return stem + "-" + padded(of_index) + "-of-" + padded(count) + suffix;
}

std::optional<GgufShard> read_shard_name(std::string_view name) {
  if (!has_gguf_suffix(name)) return std::nullopt;
  std::string suffix(name.substr(name.size() - kExtension.size()));
  name = without_gguf_suffix(name);
  const unsigned count = cut_number(name);
  if (count == 0 || !cut_text(name, "-of-")) return std::nullopt;
  const unsigned index = cut_number(name);
  if (index == 0 || index > count || !cut_text(name, "-") || name.empty()) return std::nullopt;
  return GgufShard{std::string(name), index, count, std::move(suffix)};
}

std::filesystem::path first_shard(const std::filesystem::path& file) {
  const std::optional<GgufShard> shard = read_shard_name(file.filename().string());
  return shard ? file.parent_path() / shard->file_name(1) : file;
}

Result<GgufModel> read_gguf_file(const std::filesystem::path& file) {
  const std::optional<GgufShard> shard = read_shard_name(file.filename().string());
  const std::filesystem::path first = first_shard(file);
  Result<GgufModel> model = read_one(first);
  if (!model) return about(first, std::move(model).error());
  for (unsigned index = 2; shard && index <= shard->count; ++index) {
    const std::filesystem::path next = file.parent_path() / shard->file_name(index);
    std::error_code failure;
    const std::uintmax_t size = std::filesystem::file_size(next, failure);
    if (failure)
      return about(next, no_file("shard " + std::to_string(index) + " of " + std::to_string(shard->count) +
                                     " can't be read (" + failure.message() + ")",
                                 "download the missing shard"));
    model->size_bytes += size;
  }
  if (shard) model->shards = shard->count;
  return model;
}

}  // namespace tachikoma::base
