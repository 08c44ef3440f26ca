// SPDX-License-Identifier: MIT
#include "common/errors/lmstudio_faults.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/ascii.hpp"

namespace tachikoma::kit {
namespace {

using enum FaultTopic;
using enum FaultPhrase::Place;

constexpr FaultPhrase kLmStudioPhrases[] = {
    {key, text, "api token is required"},
    {key, text, "malformed lm studio api token"},
    {key, text, "invalid lm studio api token"},
    {permission, text, "permission denied to use"},
    {images, text, "does not support images"},
    {images, text, "does not support image input"},
    {images, text, "vision model is not loaded"},
    {embeddings, text, "model is not embedding"},
    {memory, text, "insufficient system resources"},
    {context, either, "greater than the context length"},
    {context, either, "context the overflows"},
    {context, either, "context length of only"},
    {loss, text, "model unloaded"},
    {loss, text, "model is unloaded"},
    {loss, text, "model was unloaded"},
    {loss, text, "model has crashed"},
    {loss, text, "model has unexpectedly"},
    {loss, text, "model process exited"},
    {loss, text, "channel error"},
    {prompt_form, text, "jinja template"},
    {prompt_form, text, "error rendering prompt"},
    {job, code, "job_not_found"},
    {job, text, "download job"},
    {job, text, "job not found"},
    {job, text, "unknown job"},
    {tool, code, "mcp_connection_error"},
    {tool, code, "plugin_connection_error"},
    {nothing_loaded, text, "no models loaded"},
    {nothing_loaded, text, "no model loaded"},
    {model, either, "invalid model identifier"},
    {model, either, "not found in downloaded models"},
    {model, either, "pathnotfound"},
    {load, text, "failed to load"},
    {load, code, "model_load_failed"},
    {endpoint, text, "unexpected endpoint or method"},
    {endpoint, code, "not_implemented"},
    {request, code, "invalid_request"},
    {request, code, "unrecognized_keys"},
    {request, code, "missing_required_parameter"},
    {request, code, "invalid_json"},
};

}  // namespace

std::span<const FaultPhrase> lmstudio_faults() { return kLmStudioPhrases; }

std::optional<std::int64_t> required_bytes(std::string_view message) {
  constexpr std::string_view kLead = "approximately ";
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"tb", 1e12}, {"gib", 1024.0 * 1024 * 1024}, {"gb", 1e9}, {"mib", 1024.0 * 1024}, {"mb", 1e6}};
  const std::string lower = base::to_lower(message);
  std::string_view words = lower;
  const std::size_t at = words.find(kLead);
  if (at == std::string_view::npos) return std::nullopt;
  words.remove_prefix(at + kLead.size());
  double amount = 0;
  const auto [end, failure] = std::from_chars(words.data(), words.data() + words.size(), amount);
  if (failure != std::errc() || !(amount > 0) || amount > 1e6) return std::nullopt;
  words.remove_prefix(static_cast<std::size_t>(end - words.data()));
  while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
  for (const auto& [unit, bytes] : kUnits)
    if (words.starts_with(unit)) return static_cast<std::int64_t>(amount * bytes);
  return std::nullopt;
}

std::vector<std::string> listed_models(std::string_view message) {
  constexpr std::string_view kSample = "(e.g., ", kAll = "Your models:", kBlank = " \t\r\n";
  std::string_view list;
  if (const std::size_t at = message.find(kSample); at != std::string_view::npos) {
    list = message.substr(at + kSample.size());
    list = list.substr(0, list.find(')'));
  } else if (const std::size_t all = message.find(kAll); all != std::string_view::npos) {
    list = message.substr(all + kAll.size());
  }
  std::vector<std::string> models;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",\n"), list.size());
    std::string_view name = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    name.remove_prefix(std::min(name.find_first_not_of(kBlank), name.size()));
    name = name.substr(0, name.find_last_not_of(kBlank) + 1);
    if (!name.empty()) models.emplace_back(name);
  }
  return models;
}

std::string words_of_page(std::string_view page) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&quot;", '"'}, {"&#39;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}, {"&nbsp;", ' '}, {"&amp;", '&'}};
  std::string_view line;
  for (const std::string_view opening : {"<pre>", "<h1>"}) {
    const std::size_t at = page.find(opening);
    if (at == std::string_view::npos || !line.empty()) continue;
    line = page.substr(at + opening.size());
    line = line.substr(0, line.find('<'));
  }
  std::string words;
  while (!line.empty()) {
    const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                     [&](const auto& each) { return line.starts_with(each.first); });
    const bool known = entity != std::end(kEntities);
    words += known ? entity->second : line.front();
    line.remove_prefix(known ? entity->first.size() : 1);
  }
  return words;
}

}  // namespace tachikoma::kit
