// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "llamacpp/model_file.hpp"

namespace tachikoma::llamacpp {

/// Whether a projector's output has the width that a model's embeddings have, as both files say.
enum class Fit { no, unknown, yes };
Fit fit(const base::GgufModel& projector, const base::GgufModel& model);

/// The projector for `model` among `around`: the files, models and projectors, in the model's folder and in
/// those above it. Null: none is for it. One that does not fit is never chosen. Of the others it is
///
/// 1. the one that has the model's name in its own, "mmproj-gemma-3-4b-F16" for "gemma-3-4b-it-Q4_K_M";
/// 2. else the one whose metadata have the model's name;
/// 3. else, if no other model of the folders has its name, any in the model's folder, and one above that is
///    named after no model, "mmproj-F16", if its folder has no model that it fits.
///
/// Of several equals it is the nearest one, then the one with the most of the name, then F16, BF16, F32,
/// Q8_0, and then the first by name.
const GgufFile* choose_projector(const GgufFile& model, const std::vector<const GgufFile*>& around);

/// "for models with an embedding length of 2560": what a projector says about its model.
std::string purpose_of(const base::GgufModel& projector);

/// The projector to start a server with: `paired`, unless its arguments decide that themselves. Fails with
/// `invalid_argument` if the file that they name is no projector, or does not fit.
Result<std::filesystem::path> settle_projector(std::filesystem::path paired, const GgufFile& model,
                                               const std::vector<std::string>& arguments);

}  // namespace tachikoma::llamacpp
