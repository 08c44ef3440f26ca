// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/name_index.hpp"
#include "tachikoma/model_registry.hpp"

namespace tachikoma {

/// Between a provider and a name on it; the name of its current model.
inline constexpr std::string_view kSeparator = "::", kCurrent = "current";

/// A listed model that a name matches, and its names for its server.
struct NameMatch {
  const ListedModel* model;
  std::string wire_name;  ///< for requests
  std::string key;        ///< for loads
};

using SomeModels = std::span<const ListedModel* const>;

/// The matches of `name` among `models`, spelled exactly as an instance id, a key, an alias or a variant. The
/// first of these with a match decides; several matches are models of several providers.
std::vector<NameMatch> match_exactly(std::string_view name, SomeModels models);

/// The same in any case of letters; then the last segments of a key, and those plus a quantization suffix. It
/// may find several models of a provider, each once.
std::vector<NameMatch> match_name(std::string_view name, SomeModels models);
std::vector<NameMatch> match_name(std::string_view name, const std::vector<ListedModel>& models);

/// The models of a list by every name by which `match_name` finds them.
using ModelNames = models::NameIndex<ListedModel>;
void add_names(ModelNames& names, const ListedModel& model);

/// The models whose file, by the path that the server lists for it, is at `path` on the server's machine; any
/// shard stands for its model.
std::vector<NameMatch> match_file(std::string_view path, const std::vector<ListedModel>& models);

/// Of the models without a listed path, those that are named like the file at `path`.
std::vector<NameMatch> match_file_name(std::string_view path, const std::vector<ListedModel>& models);

/// What providers could not search for models, as the end of a sentence about one that is not there:
/// "; '/models/b' can't be searched: Permission denied". Empty: nothing. An entry of a list says so by
/// `extra.unread`, with the words in `extra.error`.
std::string unsearched(const std::vector<ListedModel>& models);

/// The absolute path that `name` means; a relative one is below `folder`, or the working directory if that is
/// empty.
std::string file_path(std::string_view name, const std::string& folder);

/// The same if `name` is meant as a path (`base::names_file`) and the file exists: of its first shard. Else
/// nullopt.
std::optional<std::string> model_file(std::string_view name, const std::string& folder);

/// The name to send for this model: its first instance, or its key if none is loaded.
std::string wire_name(const ModelInfo& info);

}  // namespace tachikoma
