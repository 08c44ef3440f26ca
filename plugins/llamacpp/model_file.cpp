// SPDX-License-Identifier: MIT
#include "llamacpp/model_file.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "base/gguf_kinds.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

// aria2 gives the file its name and its size at once, and keeps what is missing in another beside it.
bool has_control_file(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(fs::path(file) += ".aria2", ignored);
}

Error unfinished(const fs::path& file) {
  return Error(
      ErrorCode::invalid_argument, base::quoted_path(file) + ": the file is a download that is not finished",
      "wait until it is, or download the file again", Value::object({{"file", "unfinished-download"}}));
}

std::optional<Error> broken_link(const fs::path& file) {
  std::error_code failed, ignored;
  if (!fs::is_symlink(file, ignored)) return std::nullopt;
  if (fs::exists(file, failed)) return std::nullopt;
  if (!failed) failed = std::make_error_code(std::errc::no_such_file_or_directory);
  return Error(ErrorCode::invalid_argument,
               base::quoted_path(file) + ": it is a link to " +
                   base::quoted_path(fs::read_symlink(file, ignored)) + ", which can't be read (" +
                   failed.message() + ")",
               "download the file again, or remove the link");
}

}  // namespace

Result<base::GgufModel> read_file(const fs::path& file) {
  if (has_control_file(file)) return unfinished(file);
  Result<base::GgufModel> model = base::read_gguf_file(file);
  if (model) return model;
  std::error_code ignored;
  const bool there = fs::is_regular_file(file, ignored);
  if (there && base::names_unfinished_model(file.filename().string())) return unfinished(file);
  if (std::optional<Error> error = broken_link(file)) return *std::move(error);
  Error error = std::move(model).error();
  // the caller named a damaged file, whether we or the engine notice it
  if (error.code == ErrorCode::protocol) error.code = ErrorCode::invalid_argument;
  return error;
}

std::optional<Error> no_model(const GgufFile& file) {
  const base::GgufKind* kind = base::gguf_kind(file.model);
  if (!kind) return std::nullopt;
  return Error(ErrorCode::invalid_argument,
               base::quoted_path(file.path) + ": the file is " + std::string(kind->what),
               std::string(kind->hint), Value::object({{"file", kind->id}}));
}

}  // namespace tachikoma::llamacpp
