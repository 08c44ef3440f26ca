// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/gguf.hpp"
#include "tachikoma/plugin/error.hpp"

/// What a file that has the name of a model is, if it is none. All of it is known from the tables of one
/// file.
namespace tachikoma::base {

/// A kind of GGUF file that is no model of its own.
struct GgufKind {
  std::string_view id;    ///< "adapter"
  std::string_view what;  ///< "a LoRA adapter"
  std::string_view hint;  ///< what to do with it
};

/// Null: a model, as far as its metadata and its list of tensors tell.
const GgufKind* gguf_kind(const GgufModel& file);

/// The error for a GGUF without an architecture: an importance matrix, or a part of something.
Error without_architecture(const GgufModel& file);

/// The error for a file that does not begin as a GGUF does and is recognised; nullopt: it is not.
std::optional<Error> other_format(const Bytes& file);

/// True for the name that a program gives a file while it downloads it: "x.gguf.part".
bool names_unfinished_model(std::string_view file_name);

}  // namespace tachikoma::base
