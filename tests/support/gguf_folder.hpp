// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/gguf_writer.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// A folder of small GGUF files, in a folder with others.
struct GgufFolder {
  TempDir outer;
  std::filesystem::path folder = outer.path() / "models";

  GgufFolder() { std::filesystem::create_directory(folder); }

  std::string path(const std::string& name) const { return (folder / name).string(); }

  /// A file with one tensor; `file` has its metadata.
  void add(const std::string& name, GgufWriter file, const std::string& tensor = "token_embd.weight",
           std::uint64_t columns = 8) const {
    std::filesystem::create_directories((folder / name).parent_path());
    file.add_tensor(tensor, 4, columns, {});
    file.write(path(name));
  }
  void add_model(const std::string& name, std::uint32_t width = 64, const std::string& says = {}) const {
    GgufWriter file;
    file.add("general.architecture", "llama");
    if (!says.empty()) file.add("general.name", says);
    if (width > 0) file.add("llama.embedding_length", width);
    add(name, file);
  }
  /// As today's converter of llama.cpp writes it.
  void add_projector(const std::string& name, std::uint32_t width = 64, const std::string& says = {}) const {
    GgufWriter file;
    file.add("general.architecture", "clip");
    file.add("general.type", "mmproj");
    if (!says.empty()) file.add("general.name", says);
    if (width > 0) file.add("clip.vision.projection_dim", width);
    add(name, file, "mm.2.bias");
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((folder / name).parent_path());
    outer.write("models/" + name, bytes);
  }
};

}  // namespace tachikoma::testing
