// SPDX-License-Identifier: MIT
#include "tachikoma/image.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace tachikoma {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;
constexpr std::string_view kForms = "give a PNG, JPEG, GIF, WebP or BMP file";

Error invalid(std::string message, std::string_view hint = {}) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::string(hint));
}

Error too_large(const std::string& what, std::uintmax_t bytes) {
  return invalid(what + " has " + std::to_string(bytes) + " bytes; an image has at most 64 MiB",
                 "scale it down");
}

// Empty if the bytes are not a known image format.
std::string_view mime_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
  if (bytes.starts_with("BM")) return "image/bmp";
  return {};
}

// `what` names the image in an error.
Result<Image> make_image(std::string bytes, const std::string& what) {
  if (bytes.empty()) return invalid(what + " is empty", kForms);
  if (bytes.size() > kMaxBytes) return too_large(what, bytes.size());
  const std::string_view type = mime_type(bytes);
  if (type.empty()) return invalid(what + " is not an image in a known format", kForms);
  return Image{std::string(type), std::move(bytes)};
}

}  // namespace

Result<Image> image_file(std::string_view path) {
  const std::filesystem::path file(path);
  const std::string what = "the image '" + std::string(path) + "'";
  std::error_code failure;
  const std::filesystem::file_status status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status)) return invalid(what + " does not exist", "check the path");
  if (!std::filesystem::is_regular_file(status)) return invalid(what + " is not a regular file", kForms);
  const std::uintmax_t size = std::filesystem::file_size(file, failure);
  if (!failure && size > kMaxBytes) return too_large(what, size);
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(failure ? 0 : static_cast<std::size_t>(size), '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (failure || !stream)
    return invalid(what + " can't be read: " + std::strerror(errno), "check its permissions");
  return make_image(std::move(bytes), what);
}

Result<Image> image_bytes(std::string bytes) { return make_image(std::move(bytes), "the image"); }

// The type in the URL is ignored: the model gets to see the bytes.
Result<Image> image_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kMark = ";base64";
  const std::string form = "write it as data:image/png;base64,…";
  const std::size_t comma = url.find(',');
  if (!base::same_ignoring_case(url.substr(0, kScheme.size()), kScheme) || comma == url.npos)
    return invalid("the image is not a data URL", form);
  const std::string_view head = url.substr(0, comma);
  if (!base::same_ignoring_case(head.substr(head.size() - std::min(head.size(), kMark.size())), kMark))
    return invalid("the data URL of the image is not in base64", form);
  std::optional<std::string> bytes = base::decode_base64(url.substr(comma + 1));
  if (!bytes) return invalid("the data URL of the image is not valid base64", form);
  return make_image(*std::move(bytes), "the image in the data URL");
}

}  // namespace tachikoma
