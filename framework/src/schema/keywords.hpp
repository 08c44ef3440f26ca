// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma::schema {

/// A version of JSON Schema, as far as it changes what a keyword means here.
enum class Draft {
  unstated,  ///< no `$schema`: what drafts 4 to 7 have in common, else an error
  draft3,
  draft4_to_7,
  later,  ///< accepted as far as its keywords mean what they meant in draft 7
};

/// True for keywords that say something about a schema without restricting what fits it.
bool is_annotation(std::string_view keyword);

/// The error for an unsupported keyword: from a later draft or another dialect, or a typo.
Error unknown_keyword(std::string_view keyword, const std::string& place, std::vector<std::string> known);

/// `invalid_argument` about the place of a schema.
Error schema_error(const std::string& place, std::string message, std::string hint = {});

}  // namespace tachikoma::schema
