// SPDX-License-Identifier: MIT
#include "config/document_forms.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/lists.hpp"
#include "config/host_schema.hpp"
#include "config/schema_check.hpp"
#include "config/spellings.hpp"

namespace tachikoma::config {
namespace {

constexpr std::string_view kDefaultHost = "localhost";
constexpr std::string_view kDefaultPort = "1234";

bool has_any(const Node& root, const Value& keys) {
  return std::any_of(root.entries.begin(), root.entries.end(),
                     [&](const Entry& entry) { return keys.find(entry.key); });
}

Node map_at(Position at) {
  Node node;
  node.kind = Node::Kind::map;
  node.at = at;
  return node;
}

// Adds problems and returns false if the tree does not fit the form that it is taken for.
bool fits(const Node& root, const Value& schema, Problems& problems) {
  const std::size_t before = problems.size();
  check_schema(root, schema, {}, problems);
  return problems.size() == before;
}

bool means_every_interface(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

// A server on this machine can be started from here.
bool is_this_machine(std::string_view host) {
  return host == kDefaultHost || host == "::1" || host == "[::1]" || host.starts_with("127.") ||
         means_every_interface(host);
}

Node text_node(std::string text, Position at) {
  Node node;
  node.kind = Node::Kind::plain;
  node.at = at;
  node.text = std::move(text);
  return node;
}

// `providers` with the LM Studio that the settings describe, or one to be found.
Entry lmstudio_provider(const Node& root) {
  const Entry* host = root.find("host");
  const Entry* port = root.find("port");
  Entry provider{"lmstudio", root.at, map_at(root.at)};
  if (host || port) {
    std::string name(host ? std::string_view(host->node.text) : kDefaultHost);
    if (means_every_interface(name)) name = kDefaultHost;
    if (name.find(':') != std::string::npos && !name.starts_with('[')) name = "[" + name + "]";
    Node url;
    url.kind = Node::Kind::quoted;
    url.at = (host ? host : port)->node.at;
    url.text = "http://" + name + ":" + (port ? port->node.text : std::string(kDefaultPort)) + "/v1";
    for (const Entry* part : {host, port})
      if (part)
        url.variables.insert(url.variables.end(), part->node.variables.begin(), part->node.variables.end());
    provider.node.entries.push_back({"base_url", url.at, url});
  }
  Entry providers{"providers", root.at, map_at(root.at)};
  providers.node.entries.push_back(std::move(provider));
  return providers;
}

// The settings for a server that is not running yet. False if it can't be started from here.
bool convert_start(const Node& root, Node& provider) {
  const Entry* host = root.find("host");
  if (host && !is_this_machine(host->node.text)) return false;
  provider.entries.push_back({"start_server", root.at, text_node("true", root.at)});
  for (const char* key : {"host", "cors"})
    if (const Entry* entry = root.find(key)) provider.entries.push_back(*entry);
  return true;
}

// Names the model by its file on the server's machine.
void name_by_file(Entry& model) {
  Entry* path = model.node.find("path");
  if (!path) return;
  path->written = "path";
  path->key = "key";
}

bool convert_server(Node& root, Problems& problems, std::vector<std::string>& warnings) {
  if (!fits(root, host_schema_part("document-server"), problems)) return false;
  std::vector<std::string> unused;
  Position first;
  const auto drop = [&](Node& map, const char* key, const std::string& where) {
    const Entry* entry = map.find(key);
    if (!entry) return;
    if (unused.empty()) first = entry->at;
    unused.push_back(dotted(where, key));
    map.erase(key);
  };
  Node converted = map_at(root.at);
  converted.entries.push_back(lmstudio_provider(root));
  if (!convert_start(root, converted.entries.back().node.entries.front().node)) drop(root, "cors", {});
  if (Entry* models = root.find("models")) {
    for (Entry& model : models->node.entries) name_by_file(model);
    converted.entries.push_back(*models);
  }
  if (const Entry* verbose = root.find("verbose")) converted.entries.push_back(*verbose);
  root = std::move(converted);
  if (!unused.empty())
    warnings.push_back(problems.place(first) + ": " + base::listed(unused) +
                       ": no effect here: LM Studio uses its own settings, so set it there");
  return true;
}

bool convert_model(Node& root, Problems& problems) {
  const Value schema = host_schema_part("document-model");
  if (!fits(root, schema, problems)) return false;
  unify_spellings(root, schema, nullptr, problems);
  Node converted = map_at(root.at);
  converted.entries.push_back(lmstudio_provider(map_at(root.at)));
  converted.entries.push_back({"defaults", root.at, std::move(root)});
  root = std::move(converted);
  return true;
}

// A section that neither of the two forms has.
bool is_own_section(const Entry& entry) {
  return host_sections().find(entry.key) && entry.key != "models" && entry.key != "verbose";
}

Value model_settings() {
  Value settings = host_schema_part("document-model")["properties"];
  settings.erase("load");
  settings.erase("inference");
  return settings;
}

}  // namespace

bool convert_document_form(Node& root, Problems& problems, std::vector<std::string>& warnings) {
  if (std::any_of(root.entries.begin(), root.entries.end(), is_own_section)) return true;
  static const Value settings = model_settings();
  static const Value server = Value::object({{"host", {}}, {"port", {}}, {"cors", {}}});
  if (!has_any(root, host_sections()) && has_any(root, settings)) return convert_model(root, problems);
  if (has_any(root, server)) return convert_server(root, problems, warnings);
  return true;
}

}  // namespace tachikoma::config
