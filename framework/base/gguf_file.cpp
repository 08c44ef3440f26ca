// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/gguf.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

constexpr std::string_view kExtension = ".gguf";
constexpr std::size_t kDigits = 5;
constexpr std::size_t kLongestPath = 4096;  // bytes: PATH_MAX of Linux

Error about(const std::filesystem::path& file, Error error) {
  error.message = quoted_path(file) + ": " + error.message;
  return error;
}

Error no_file(std::string what, std::string hint) {
  return Error(ErrorCode::invalid_argument, std::move(what), std::move(hint));
}

struct OpenFile {
  Descriptor descriptor;
  FileBytes bytes;
};

Result<OpenFile> open_file(const std::filesystem::path& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (descriptor.value() < 0 || ::fstat(descriptor.value(), &status) != 0)
    return no_file(std::string("the file can't be read (") + std::strerror(errno) + ")",
                   "check that it exists and that you may read it");
  if (S_ISDIR(status.st_mode)) return no_file("it is a folder, not a file", "name a .gguf file in it");
  if (!S_ISREG(status.st_mode)) return no_file("it is not a regular file", "name a .gguf file");
  FileBytes bytes(descriptor.value(), static_cast<std::uint64_t>(status.st_size));
  return OpenFile{std::move(descriptor), std::move(bytes)};
}

// A part must be the one that its name says. Parts that were merged again say 0.
Error misplaced(const GgufModel& model) {
  return Error(ErrorCode::protocol,
               "it says that it is part " + std::to_string(model.split_number.value_or(0) + 1) + " of " +
                   std::to_string(*model.split_count) + " of a model, and is not named so",
               "give the parts their names again: NAME-00001-of-0000N.gguf and so on");
}

Result<GgufModel> read_one(const std::filesystem::path& file, unsigned index, unsigned count) {
  TACHIKOMA_TRY(const OpenFile open, open_file(file));
  Result<GgufModel> model = index == 1 ? read_gguf(open.bytes) : read_gguf_part(open.bytes);
  if (model && model->split_count.value_or(0) > 1 &&
      (model->split_count != count || model->split_number.value_or(index - 1) != index - 1))
    return misplaced(*model);
  return model;
}

// What the later shards add to the first.
void add_shard(const GgufModel& shard, GgufModel& model) {
  model.size_bytes += shard.size_bytes;
  model.tensors.add(shard.tensors);
  model.token_embeddings = model.token_embeddings || shard.token_embeddings;
  model.mtp_head = model.mtp_head || shard.mtp_head;
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

std::string quoted_path(const std::filesystem::path& file) {
  return "'" + printable(repair_utf8(file.string()), kLongestPath, '?') + "'";
}

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

std::string gguf_architecture(const std::filesystem::path& file) {
  const Result<OpenFile> open = open_file(file);
  return open ? architecture_of(open->bytes) : std::string();
}

Result<GgufModel> read_gguf_file(const std::filesystem::path& file) {
  const std::optional<GgufShard> shard = read_shard_name(file.filename().string());
  const std::filesystem::path first = first_shard(file);
  const unsigned count = shard ? shard->count : 1;
  Result<GgufModel> model = read_one(first, 1, count);
  if (!model) return about(first, std::move(model).error());
  for (unsigned index = 2; index <= count; ++index) {
    const std::filesystem::path next = file.parent_path() / shard->file_name(index);
    std::error_code failure;
    if (!std::filesystem::exists(next, failure))
      return about(next,
                   no_file("shard " + std::to_string(index) + " of " + std::to_string(count) +
                               " can't be read (" + std::strerror(failure ? failure.value() : ENOENT) + ")",
                           "download the missing shard"));
    Result<GgufModel> part = read_one(next, index, count);
    if (!part) return about(next, std::move(part).error());
    add_shard(*part, *model);
  }
  model->shards = count;
  return model;
}

}  // namespace tachikoma::base
