// SPDX-License-Identifier: MIT
#include "base/secrets.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"

namespace tachikoma::base {
namespace {

constexpr std::size_t kShortestSecret = 6;

/// Words of a name that make its value a secret: what llama.cpp, vLLM, Ollama, Hugging Face, the clouds'
/// signed URLs and HTTP call them.
constexpr std::array<std::string_view, 19> kSecretWords = {
    "accesstoken", "apikey", "auth",      "authorization", "bearer", "cookie",   "credential",
    "credentials", "hft",    "key",       "passphrase",    "passwd", "password", "pwd",
    "secret",      "sig",    "signature", "token",         "pass"};
/// Of those names, these hold no secret but say where it is.
constexpr std::array<std::string_view, 4> kPlaces = {"file", "path", "dir", "env"};

constexpr std::string_view kGaps = " \t\r\n";

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Where `name=` or `name:` ends in front of a value; npos: the text is none of the kind.
std::size_t end_of_name(std::string_view text) {
  const std::size_t end = text.find_first_of("=:");
  if (end == std::string_view::npos || end == 0 || text.substr(end).starts_with("://"))
    return std::string_view::npos;
  return end;
}

/// Hides the secrets of one command line, word by word.
class ArgumentMask {
 public:
  std::string hide(std::string_view text) {
    if (std::exchange(value_follows_, false)) return std::string(kHidden);
    std::string out;
    while (!text.empty()) {
      const std::size_t gap = std::min(text.find_first_not_of(kGaps), text.size());
      const std::size_t end = std::min(text.find_first_of(kGaps, gap), text.size());
      const std::string_view word = text.substr(gap, end - gap);
      out += text.substr(0, gap);
      const bool hidden = std::exchange(value_follows_, value_follows_ && word.empty());
      if (!word.empty()) out += hidden && !is_scheme(word) ? std::string(kHidden) : hide_word(word);
      text.remove_prefix(end);
    }
    return out;
  }

 private:
  std::string hide_word(std::string_view word) {
    const std::size_t end = end_of_name(word);
    if (end == std::string_view::npos || !names_secret(word.substr(0, end))) {
      value_follows_ = is_scheme(word) || (word.starts_with('-') && names_secret(word));
      return without_url_secrets(word);
    }
    value_follows_ = end + 1 == word.size();
    return std::string(word.substr(0, end + 1)) + (value_follows_ ? "" : std::string(kHidden));
  }

  // What stands between "Authorization:" and the secret.
  static bool is_scheme(std::string_view word) {
    return same_ignoring_case(word, "bearer") || same_ignoring_case(word, "basic");
  }

  bool value_follows_ = false;
};

std::string without_user(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos) return std::string(url);
  const std::size_t host = start + 3;
  const std::string_view authority = url.substr(host, url.find_first_of("/?#", host) - host);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos || authority.substr(0, at) == "…") return std::string(url);  // left out
  return std::string(url.substr(0, host)).append(kHidden).append(url.substr(host + at));
}

// Hides the start of a secret that an excerpt ends with.
void hide_cut(std::string& text, const std::string& secret) {
  constexpr std::string_view kCut = "…";
  for (std::size_t at = text.find(kCut); at != std::string::npos; at = text.find(kCut, at + kCut.size()))
    for (std::size_t size = std::min(secret.size() - 1, at); size >= kShortestSecret; --size) {
      if (text.compare(at - size, size, secret, 0, size) != 0) continue;
      text.replace(at - size, size, kHidden);
      at += kHidden.size() - size;
      break;
    }
}

}  // namespace

bool names_secret(std::string_view name) {
  const std::string folded = to_lower(name);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  bool secret = false;
  std::string_view last;
  for (auto at = folded.begin(); at != folded.end();) {
    const auto start = std::find_if(at, folded.end(), is_letter);
    at = std::find_if_not(start, folded.end(), is_letter);
    if (start == at) break;
    last = std::string_view(&*start, static_cast<std::size_t>(at - start));
    secret = secret || is_one_of(kSecretWords, last);
  }
  return secret && !is_one_of(kPlaces, last);
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortestSecret) continue;
    hide_cut(text, secret);
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kHidden.size()))
      text.replace(at, secret.size(), kHidden);
  }
  return text;
}

Value without_secrets(const Value& value, const std::vector<std::string>& secrets) {
  if (value.is_string()) return without_secrets(std::string(value.as_string()), secrets);
  if (value.is_array()) {
    Value::Array out;
    for (const Value& each : value.elements()) out.push_back(without_secrets(each, secrets));
    return out;
  }
  if (!value.is_object()) return value;
  Value::Object out;
  for (const Member& member : value.members())
    out.push_back({without_secrets(member.key, secrets), without_secrets(member.value, secrets)});
  return out;
}

std::string without_url_secrets(std::string_view text) {
  const std::string whole = without_user(text);
  std::string_view rest = whole;
  std::string out;
  const std::size_t query = rest.find('?');
  if (query == std::string_view::npos) return whole;
  out += rest.substr(0, query);
  rest.remove_prefix(query);
  while (!rest.empty()) {  // each part begins with its '?', '&' or ';'
    const std::size_t end = std::min(rest.find_first_of("&;#", 1), rest.size());
    const std::string_view part = rest.substr(0, end);
    const std::size_t equals = part.find('=');
    const bool secret = equals != std::string_view::npos && names_secret(part.substr(1, equals - 1));
    out += secret ? std::string(part.substr(0, equals + 1)).append(kHidden) : std::string(part);
    rest.remove_prefix(end);
  }
  return out;
}

Value::Array without_argument_secrets(Value::Array words) {
  ArgumentMask mask;
  for (Value& word : words)
    if (word.is_string()) word = mask.hide(word.as_string());
  return words;
}

}  // namespace tachikoma::base
