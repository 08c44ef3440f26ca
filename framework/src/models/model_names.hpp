// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/model_registry.hpp"

namespace tachikoma {

/// A listed model that a name matches, and the name to send to its server.
struct NameMatch {
  const ListedModel* model;
  std::string wire_name;
};

/// The matches of `name` among `models`: by instance id, key, last segment of a key, then segment plus
/// quantization suffix; case-insensitively. The first step with a match decides; it may find several.
std::vector<NameMatch> match_name(std::string_view name, const std::vector<ListedModel>& models);

/// The model whose file is at `path` on its server's machine: by the path that the server lists, or by the
/// file's name if it lists none. Empty if `path` is not that of a GGUF file.
std::vector<NameMatch> match_file(std::string_view path, const std::vector<ListedModel>& models);

/// The absolute path of the GGUF file that `name` is a path to; nullopt if it is not one, or does not exist.
std::optional<std::string> model_file(std::string_view name);

/// The name to send for this model: its first instance, or its key if none is loaded.
std::string wire_name(const ModelInfo& info);

}  // namespace tachikoma
