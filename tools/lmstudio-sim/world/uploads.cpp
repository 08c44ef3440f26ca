// SPDX-License-Identifier: MIT
#include "world/uploads.hpp"

#include <array>

#include "world/units.hpp"

namespace lmstudio_sim {
namespace {

struct Ending {
  std::string_view ending;
  std::string_view type;
  std::string_view image = {};  ///< its MIME type
};

constexpr std::array<Ending, 9> kEndings{{{".png", "image", "image/png"},
                                          {".jpg", "image", "image/jpeg"},
                                          {".jpeg", "image", "image/jpeg"},
                                          {".webp", "image", "image/webp"},
                                          {".gif", "image", "image/gif"},
                                          {".txt", "text/plain"},
                                          {".md", "text/other"},
                                          {".pdf", "application/pdf"},
                                          {".docx", "application/word"}}};

const Ending* ending_of(const std::string& name) {
  const std::string lower = lower_case(name);
  for (const Ending& each : kEndings)
    if (lower.ends_with(each.ending)) return &each;
  return nullptr;
}

}  // namespace

UploadedFile uploaded_file(const std::string& name, std::size_t bytes) {
  const Ending* ending = ending_of(name);
  return {name, std::string(ending ? ending->type : "unknown"), bytes};
}

SeenImage UploadedFile::image() const {
  const Ending* ending = ending_of(name);
  return {std::string(ending ? ending->image : ""), bytes};
}

}  // namespace lmstudio_sim
