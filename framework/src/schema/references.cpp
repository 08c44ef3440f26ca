// SPDX-License-Identifier: MIT
#include "schema/references.hpp"

#include <cctype>
#include <charconv>
#include <utility>

#include "base/json_pointer.hpp"

namespace tachikoma::schema {
namespace {

std::size_t scheme_length(std::string_view uri) {
  if (uri.empty() || !std::isalpha(static_cast<unsigned char>(uri[0]))) return 0;
  for (std::size_t i = 1; i < uri.size(); ++i) {
    if (uri[i] == ':') return i + 1;
    if (!std::isalnum(static_cast<unsigned char>(uri[i])) &&
        std::string_view("+.-").find(uri[i]) == std::string_view::npos)
      return 0;
  }
  return 0;
}

// Where the path of an absolute address begins.
std::size_t path_start(std::string_view uri) {
  const std::size_t scheme = scheme_length(uri);
  if (uri.substr(scheme, 2) != "//") return scheme;
  return std::min(uri.find('/', scheme + 2), uri.size());
}

std::string_view without_fragment(std::string_view uri) { return uri.substr(0, uri.find('#')); }

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Error dangling(std::string_view reference, const std::string& why) {
  return Error(ErrorCode::invalid_argument,
               "the schema's reference '" + std::string(reference) + "' can't be followed: " + why,
               "put what it refers to under '$defs' and write '#/$defs/NAME'");
}

}  // namespace

std::string resolve_uri(std::string_view base, std::string_view reference) {
  if (scheme_length(reference) || base.empty()) return std::string(reference);
  base = without_fragment(base);
  if (reference.empty() || reference[0] == '#') return std::string(base).append(reference);
  if (reference.substr(0, 2) == "//")
    return std::string(base.substr(0, scheme_length(base))).append(reference);
  const std::size_t path = path_start(base);
  if (reference[0] == '/') return std::string(base.substr(0, path)).append(reference);
  const std::size_t slash = base.rfind('/');
  const std::size_t keep = slash == std::string_view::npos || slash < path ? path : slash + 1;
  return std::string(base.substr(0, keep)).append(reference);
}

std::string References::note_id(std::string_view base, std::string_view id, const Value& schema) {
  std::string absolute = resolve_uri(base, id);
  if (!absolute.empty() && absolute.back() == '#') absolute.pop_back();
  schemas_.emplace(absolute, &schema);
  return std::string(without_fragment(absolute));
}

Result<References::Target> References::find(std::string_view base, std::string_view reference) const {
  const std::string absolute = resolve_uri(base, reference);
  const std::string document(without_fragment(absolute));
  const std::string fragment =
      document.size() < absolute.size() ? percent_decoded(absolute.substr(document.size() + 1)) : "";
  if (!fragment.empty() && fragment[0] != '/') {
    const auto named = schemas_.find(document + "#" + fragment);
    if (named == schemas_.end()) return dangling(reference, "the schema has no '$id' of that name");
    return Target{named->second, document, ""};
  }
  const auto known = schemas_.find(document);
  const Value* start = known != schemas_.end() ? known->second : document.empty() ? &root_ : nullptr;
  if (!start) return dangling(reference, "it is not in this schema, and nothing is fetched");
  const Value* target = base::find_at(*start, fragment);
  if (!target) return dangling(reference, "nothing is there");
  return Target{target, document, fragment};
}

}  // namespace tachikoma::schema
