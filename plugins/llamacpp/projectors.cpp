// SPDX-License-Identifier: MIT
#include "llamacpp/projectors.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/ascii.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

// Words of file names that tell nothing about whose projector it is.
constexpr std::array<std::string_view, 16> kEmptyWords{
    "mmproj", "model", "gguf",  "ggml", "f16", "fp16", "bf16",    "f32",
    "fp32",   "mxfp4", "nvfp4", "ud",   "i1",  "imat", "imatrix", "projector"};
// Behind "q4": "q4_k_m".
constexpr std::array<std::string_view, 11> kQuantizationWords{"k",   "s",  "m", "l", "xs", "xl",
                                                              "xxs", "nl", "p", "0", "1"};
constexpr std::array<std::string_view, 4> kPreferred{"f16", "bf16", "f32", "q8_0"};

template <class List, class Element>
bool is_in(const List& list, const Element& element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

bool is_letter_or_digit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z');
}

Words words_of(std::string_view name) {
  Words words(1);
  for (const char c : name)
    if (is_letter_or_digit(c))
      words.back() += base::to_lower(c);
    else if (!words.back().empty())
      words.emplace_back();
  if (words.back().empty()) words.pop_back();
  return words;
}

// "q4", "iq2", "tq1"
bool is_quantization(std::string_view word) {
  const std::size_t digits = word.find_first_of("0123456789");
  return digits != std::string_view::npos && digits + 1 == word.size() &&
         is_in(std::array<std::string_view, 3>{"q", "iq", "tq"}, word.substr(0, digits));
}

std::string stem_of(const fs::path& file) {
  const std::string name = file.filename().string();
  const auto shard = base::read_shard_name(name);
  return shard ? shard->stem : std::string(base::without_gguf_suffix(name));
}

// The words of a file's name that name its model.
Words name_words(const fs::path& file) {
  Words kept;
  bool quantization = false;
  for (std::string& word : words_of(stem_of(file))) {
    const bool part = quantization && is_in(kQuantizationWords, word);
    quantization = part || is_quantization(word);
    if (!quantization && !is_in(kEmptyWords, word)) kept.push_back(std::move(word));
  }
  return kept;
}

// The number of words that one begins with, if it begins with all of the other's; else 0.
std::size_t common_beginning(const Words& a, const Words& b) {
  const auto [at, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto common = static_cast<std::size_t>(at - a.begin());
  return common == std::min(a.size(), b.size()) ? common : 0;
}

bool says_the_same_name(const base::GgufModel& a, const base::GgufModel& b) {
  return (!a.name.empty() && words_of(a.name) == words_of(b.name)) ||
         (!a.basename.empty() && words_of(a.basename) == words_of(b.basename));
}

// Why a projector may be for a model, the best reason first.
enum class Reason { file_name, metadata, width, none };

bool generates(const base::GgufModel& model) { return !model.is_embedding() && !model.is_reranker(); }

std::vector<std::int64_t> widths_of(const base::GgufModel& projector) {
  std::vector<std::int64_t> widths;
  for (const auto& width : {projector.vision_width, projector.audio_width})
    if (width.value_or(0) > 0) widths.push_back(*width);
  // before converters wrote the type, they wrote other widths there, and the tensors decide
  if (projector.type != "mmproj")
    widths.insert(widths.end(), projector.connector_widths.begin(), projector.connector_widths.end());
  return widths;
}

Reason reason_by_name(const GgufFile& projector, const GgufFile& model) {
  if (fit(projector.model, model.model) == Fit::no) return Reason::none;
  if (common_beginning(name_words(projector.path), name_words(model.path)) > 0) return Reason::file_name;
  return says_the_same_name(projector.model, model.model) ? Reason::metadata : Reason::none;
}

bool is_beside(const GgufFile& a, const GgufFile& b) { return a.path.parent_path() == b.path.parent_path(); }

bool is_model(const GgufFile& file) { return !no_model(file); }

Reason reason_for(const GgufFile& projector, const GgufFile& model,
                  const std::vector<const GgufFile*>& around) {
  const Fit fits = fit(projector.model, model.model);
  if (fits == Fit::no) return Reason::none;
  const Reason own = reason_by_name(projector, model);
  bool model_beside = false;
  for (const GgufFile* other : around) {
    if (!is_model(*other)) continue;
    if (reason_by_name(projector, *other) < own) return Reason::none;
    model_beside = model_beside || (is_beside(projector, *other) && generates(other->model) &&
                                    fit(projector.model, other->model) == Fit::yes);
  }
  if (own != Reason::none) return own;
  if (!generates(model.model)) return Reason::none;
  if (is_beside(projector, model)) return Reason::width;
  return fits == Fit::yes && !model_beside && name_words(projector.path).empty() ? Reason::width
                                                                                 : Reason::none;
}

std::size_t preference(const GgufFile& projector) {
  const std::string quantization = base::to_lower(projector.model.quantization);
  const std::string name = base::to_lower(stem_of(projector.path));
  const Words words = words_of(name);
  for (std::size_t i = 0; i < kPreferred.size(); ++i)
    if (quantization.empty() ? name.ends_with(kPreferred[i]) && (is_in(words, kPreferred[i]) || i == 3)
                             : quantization == kPreferred[i])
      return i;
  return kPreferred.size();
}

// What a command line says about projectors: the file that it names, or that it wants none of ours.
struct NamedProjector {
  bool decided = false;
  std::string file = {};  // empty: none, or from elsewhere
};

NamedProjector named_projector(const std::vector<std::string>& arguments) {
  NamedProjector named;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--no-mmproj" || word == "--no-mmproj-auto" || word == "--mmproj-url" || word == "-mmu")
      named = {true, ""};
    if ((word == "--mmproj" || word == "-mm") && i + 1 < arguments.size()) named = {true, arguments[i + 1]};
  }
  return named;
}

Status check_projector(const fs::path& file, const GgufFile& model) {
  TACHIKOMA_TRY(const base::GgufModel projector, read_file(file));
  const std::string name = base::quoted_path(file);
  if (!projector.is_projector())
    return Error(ErrorCode::invalid_argument, name + ", which 'mmproj' names, is no projector",
                 "name the mmproj file that was published with the model");
  if (fit(projector, model.model) != Fit::no) return Done{};
  return Error(ErrorCode::invalid_argument,
               name + ", which 'mmproj' names, is " + purpose_of(projector) + ", and " +
                   base::quoted_path(model.path) + " has " + std::to_string(*model.model.embedding_length),
               "name the mmproj file that was published with the model");
}

}  // namespace

Fit fit(const base::GgufModel& projector, const base::GgufModel& model) {
  const std::vector<std::int64_t> widths = widths_of(projector);
  if (widths.empty() || !model.embedding_length) return Fit::unknown;
  return is_in(widths, *model.embedding_length) ? Fit::yes : Fit::no;
}

const GgufFile* choose_projector(const GgufFile& model, const std::vector<const GgufFile*>& around) {
  const GgufFile* chosen = nullptr;
  const auto rank = [&](const GgufFile& projector, Reason reason) {
    const std::size_t depth = projector.path.parent_path().string().size();  // the longer, the nearer
    const std::size_t common = reason == Reason::file_name
                                   ? common_beginning(name_words(projector.path), name_words(model.path))
                                   : 0;
    return std::tuple(reason, ~depth, ~common, preference(projector), projector.path.string());
  };
  std::optional<decltype(rank(model, Reason::none))> best;
  for (const GgufFile* each : around) {
    if (!each->model.is_projector()) continue;
    const Reason reason = reason_for(*each, model, around);
    if (reason == Reason::none) continue;
    if (auto its = rank(*each, reason); !best || its < *best) {
      best = std::move(its);
      chosen = each;
    }
  }
  return chosen;
}

std::string purpose_of(const base::GgufModel& projector) {
  const std::vector<std::int64_t> widths = widths_of(projector);
  if (widths.empty()) return "and does not say for which embedding length";
  const auto text = [](std::int64_t width) { return std::to_string(width); };
  return "for models with an embedding length of " + base::listed(base::texts_of(widths, text), " or ");
}

Result<fs::path> settle_projector(fs::path paired, const GgufFile& model,
                                  const std::vector<std::string>& arguments) {
  const NamedProjector named = named_projector(arguments);
  if (!named.decided) return paired;
  if (!named.file.empty()) TACHIKOMA_TRY_STATUS(check_projector(named.file, model));
  return fs::path();
}

}  // namespace tachikoma::llamacpp
