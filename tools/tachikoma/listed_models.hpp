// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tachikoma/model_registry.hpp>

namespace tachikoma::cli {

/// Keeps the addresses of a listing of these providers for the completion of the shells, which never asks a
/// server: in the file `models` of the user's state folder. Those of providers that were not asked, or did
/// not answer, stay. What can't be written is left out.
void remember(const ModelListing& listing, const std::vector<std::string>& providers);

/// The addresses of the last listings, sorted.
std::vector<std::string> remembered_models();

}  // namespace tachikoma::cli
