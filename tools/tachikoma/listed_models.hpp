// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tachikoma/model_registry.hpp>

namespace tachikoma::cli {

/// Keeps the addresses of a listing for the completion of the shells, which never asks a server: in the file
/// `models` of the user's state folder. Those of a provider that could not be listed stay as they were. What
/// can't be written is left out.
void remember(const ModelListing& listing);

/// The addresses of the last listings, sorted.
std::vector<std::string> remembered_models();

}  // namespace tachikoma::cli
