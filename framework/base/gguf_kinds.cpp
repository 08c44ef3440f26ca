// SPDX-License-Identifier: MIT
#include "base/gguf_kinds.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/utf8.hpp"

namespace tachikoma::base {
namespace {

constexpr std::string_view kAgain = "download or copy the file again";
constexpr std::string_view kAsGguf = "get the model as GGUF, or convert it with the tools of llama.cpp";
constexpr std::size_t kShown = 120;  // bytes of a text
constexpr std::string_view kNothing{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16};

// By what the file says about itself.
struct KindRow {
  std::string GgufModel::*says;
  std::string_view value;
  GgufKind kind;
};

constexpr GgufKind kProjector{"projector", "only the part of a model that sees images or hears sounds",
                              "name the model that it belongs to"};
constexpr GgufKind kDraft{"draft", "a draft model: it only guesses the next words of another model",
                          "load the other model with extra: {model-draft: PATH} and this file's path"};
constexpr GgufKind kVocabulary{"vocabulary", "a vocabulary without a model: it has no tensors",
                               "get the model itself; llama.cpp's own tests use files like this one"};
constexpr GgufKind kImageModel{"image-model", "a model that makes images or videos, or a part of one",
                               "use it with stable-diffusion.cpp or ComfyUI; llama-server can't run it"};
constexpr GgufKind kAdapter{
    "adapter", "a LoRA adapter",
    "load the model that it was made for with extra: {lora: PATH} and this file's path"};
constexpr GgufKind kControlVector{
    "control-vector", "a control vector",
    "load the model that it was made for with extra: {control-vector: PATH} and this file's path"};
constexpr GgufKind kImatrix{"imatrix", "an importance matrix (imatrix)",
                            "it is of use only when a model is quantized, with llama-quantize --imatrix"};
constexpr GgufKind kVoice{"voice-decoder", "the part of a speech model that makes sounds from tokens",
                          "use it with llama-tts and the model that it belongs to"};

// general.type and general.architecture, from llama.cpp: gguf-py/gguf/constants.py (GGUFType),
// src/llama-arch.cpp, tools/mtmd/clip.cpp, common/common.cpp (control vectors), tools/imatrix/imatrix.cpp;
// from docs/gguf.md of ggml (vocab); and for images from the converters of ComfyUI-GGUF (tools/convert.py)
// and stable-diffusion.cpp.
constexpr KindRow kKinds[] = {
    {&GgufModel::type, "mmproj", kProjector},
    {&GgufModel::architecture, "clip", kProjector},
    {&GgufModel::type, "adapter", kAdapter},
    {&GgufModel::type, "imatrix", kImatrix},
    {&GgufModel::architecture, "imatrix", kImatrix},
    {&GgufModel::type, "vocab", kVocabulary},
    {&GgufModel::architecture, "controlvector", kControlVector},
    {&GgufModel::architecture, "eagle3", kDraft},
    {&GgufModel::architecture, "dflash", kDraft},
    {&GgufModel::architecture, "gemma4-assistant", kDraft},
    {&GgufModel::architecture, "wavtokenizer-dec", kVoice},
    {&GgufModel::architecture, "flux", kImageModel},
    {&GgufModel::architecture, "sd1", kImageModel},
    {&GgufModel::architecture, "sd3", kImageModel},
    {&GgufModel::architecture, "sdxl", kImageModel},
    {&GgufModel::architecture, "aura", kImageModel},
    {&GgufModel::architecture, "cosmos", kImageModel},
    {&GgufModel::architecture, "hidream", kImageModel},
    {&GgufModel::architecture, "hyvid", kImageModel},
    {&GgufModel::architecture, "ltxv", kImageModel},
    {&GgufModel::architecture, "lumina2", kImageModel},
    {&GgufModel::architecture, "qwen_image", kImageModel},
    {&GgufModel::architecture, "wan", kImageModel},
};
constexpr GgufKind kMtpHead{"draft", "the MTP head of a model: it only guesses the next words of that model",
                            "load the model with extra: {model-draft: PATH} and this file's path"};

// By how a file begins: the formats that GGUF replaced from the history of llama.cpp, the others from their
// own specifications and the magic numbers of file(1).
struct Beginning {
  std::string_view bytes;
  std::string_view what;
  std::string_view hint;
  ErrorCode code = ErrorCode::unsupported;
};
constexpr std::string_view kUnpack = "unpack it, and use the .gguf file in it";
constexpr Beginning kBeginnings[] = {
    {"lmgg", "in the format GGML, which came before GGUF and is no longer read: convert it", kAsGguf},
    {"fmgg", "in the format GGMF, which came before GGUF and is no longer read: convert it", kAsGguf},
    {"tjgg", "in the format GGJT, which came before GGUF and is no longer read: convert it", kAsGguf},
    {"algg", "in the format GGLA, which came before GGUF and is no longer read: convert it", kAsGguf},
    {"nsgg", "in the format GGSN, which came before GGUF and is no longer read: convert it", kAsGguf},
    {"qsgg", "in the format GGSQ, which came before GGUF and is no longer read: convert it", kAsGguf},
    {"version https://git-lfs", "a pointer of Git LFS: the model itself was not downloaded",
     "run `git lfs pull` in its folder, or download the file itself"},
    {"version https://hawser", "a pointer of Git LFS: the model itself was not downloaded",
     "run `git lfs pull` in its folder, or download the file itself"},
    {std::string_view("\0\5\x16\7", 4), "a resource fork of macOS, and holds no model",
     "remove it: macOS writes such files beside the real ones on disks of other systems"},
    {std::string_view("\0\5\x16\0", 4), "a resource fork of macOS, and holds no model",
     "remove it: macOS writes such files beside the real ones on disks of other systems"},
    {kNothing, "all zeros where its beginning should be: a download that was not finished", kAgain,
     ErrorCode::protocol},
    {"PK\3\4", "a ZIP archive, or a PyTorch checkpoint, which is one", kAsGguf},
    {"\x80\2", "a Python pickle, such as a PyTorch checkpoint", kAsGguf},
    {"\x80\3", "a Python pickle, such as a PyTorch checkpoint", kAsGguf},
    {"\x80\4", "a Python pickle, such as a PyTorch checkpoint", kAsGguf},
    {"\x89HDF", "an HDF5 file, such as a Keras model", kAsGguf},
    {"\x1f\x8b", "compressed with gzip", kUnpack},
    {"\x28\xb5\x2f\xfd", "compressed with Zstandard", kUnpack},
    {"\xfd"
     "7zXZ",
     "compressed with xz", kUnpack},
    {"BZh", "compressed with bzip2", kUnpack},
    {"7z\xbc\xaf", "a 7-Zip archive", kUnpack},
    {"Rar!", "a RAR archive", kUnpack},
    {"\x7f"
     "ELF",
     "a program", "name a model"},
    {"MZqFpD", "a llamafile: a program with a model in it", "get the model alone, as GGUF"},
};

// Beginnings of texts, in any case, after blanks.
constexpr Beginning kTextBeginnings[] = {
    {"<!doctype html", "a web page, not a model", {}},
    {"<html", "a web page, not a model", {}},
    {"<?xml", "an XML text, not a model", {}},
    {"<error", "an XML text, not a model", {}},
    {"{", "a JSON text, not a model", {}},
};
constexpr std::string_view kDownload =
    "download the model again: a site that wants a login, a licence or a token sends a page instead of the "
    "file";

// What programs append while they download: browsers, aria2, curl, rsync, Hugging Face's, Ollama's, LM
// Studio's and llama.cpp's own (common/download.cpp).
constexpr std::string_view kUnfinished[] = {
    ".part",        ".partial", ".incomplete", ".crdownload", ".tmp",        ".temp", ".download",
    ".downloading", ".aria2",   ".!ut",        ".filepart",   ".opdownload", ".!qb",  ".downloadinprogress"};

Error no_model(std::string_view what, std::string_view hint, ErrorCode code = ErrorCode::unsupported) {
  return Error(code, "the file is " + std::string(what), std::string(hint));
}

// The first bytes, as many as there are.
std::string beginning_of(const Bytes& file) {
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kShown)), '\0');
  if (!file.read(0, bytes.data(), bytes.size())) bytes.clear();
  return bytes;
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7f : c == '\n' || c == '\r' || c == '\t';
  });
}

// A header in JSON behind its length.
bool is_safetensors(std::string_view bytes) {
  return bytes.size() > 9 && bytes[8] == '{' && bytes.substr(4, 4) == kNothing.substr(0, 4);
}

std::optional<Error> other_text(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || !is_text(text)) return std::nullopt;
  std::string_view what = "text, not a model";
  for (const Beginning& each : kTextBeginnings)
    if (same_ignoring_case(text.substr(start, each.bytes.size()), each.bytes)) {
      what = each.what;
      break;
    }
  return no_model(std::string(what) + ": it begins with '" + excerpt(repair_utf8(text), 64) + "'", kDownload);
}

const GgufKind* stated_kind(const GgufModel& file) {
  for (const KindRow& row : kKinds)
    if (file.*row.says == row.value) return &row.kind;
  return nullptr;
}

}  // namespace

const GgufKind* gguf_kind(const GgufModel& file) {
  if (const GgufKind* kind = stated_kind(file)) return kind;
  if (file.tensors.count == 0) return &kVocabulary;
  return file.mtp_head && !file.token_embeddings ? &kMtpHead : nullptr;
}

Error without_architecture(const GgufModel& file) {
  if (const GgufKind* kind = stated_kind(file))
    return no_model(std::string(kind->what) + ", not a model", kind->hint);
  if (file.split_count && file.split_number)
    return no_model("part " + std::to_string(*file.split_number + 1) + " of " +
                        std::to_string(*file.split_count) + " of a model",
                    "name the first part, and keep the names that the parts were published with");
  return no_model("a GGUF without 'general.architecture', so it holds no model", kAsGguf);
}

std::optional<Error> other_format(const Bytes& file) {
  const std::string bytes = beginning_of(file);
  for (const Beginning& each : kBeginnings)
    if (bytes.starts_with(each.bytes)) return no_model(each.what, each.hint, each.code);
  if (is_safetensors(bytes)) return no_model("in the format safetensors, not GGUF", kAsGguf);
  return other_text(bytes);
}

bool names_unfinished_model(std::string_view file_name) {
  const std::string name = to_lower(file_name);
  return std::any_of(std::begin(kUnfinished), std::end(kUnfinished), [&](std::string_view suffix) {
    return name.ends_with(suffix) &&
           has_gguf_suffix(std::string_view(name).substr(0, name.size() - suffix.size()));
  });
}

}  // namespace tachikoma::base
