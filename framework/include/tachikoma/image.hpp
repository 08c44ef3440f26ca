// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Reads an image of at most 64 MiB from a file. The first bytes tell its type: PNG, JPEG, GIF, WebP or BMP;
/// anything else is `invalid_argument`.
TACHIKOMA_API Result<Image> image_file(std::string_view path);
/// An image from a file's bytes.
TACHIKOMA_API Result<Image> image_bytes(std::string bytes);
/// An image from a data URL, "data:image/png;base64,…".
TACHIKOMA_API Result<Image> image_data_url(std::string_view url);

/// A user turn with images.
inline Message user(std::string text, std::vector<Image> images) {
  return {.role = Role::user, .text = std::move(text), .images = std::move(images)};
}

}  // namespace tachikoma
