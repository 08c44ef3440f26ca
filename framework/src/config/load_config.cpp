// SPDX-License-Identifier: MIT
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/try.hpp"
#include "config/check_config.hpp"
#include "config/document_forms.hpp"
#include "config/host_schema.hpp"
#include "config/read_config.hpp"
#include "config/references.hpp"
#include "config/schema_check.hpp"
#include "config/source_text.hpp"
#include "config/unsupported_settings.hpp"
#include "config/variables.hpp"
#include "config/yaml_document.hpp"

namespace tachikoma {
namespace config {
namespace {

class RegistrySchemas : public SchemaSource {
 public:
  explicit RegistrySchemas(PluginRegistry& plugins) : plugins_(plugins) {}
  Result<PluginReport> find(std::string_view kind, std::string_view id) override {
    std::string component = std::string(kind) + ":" + std::string(id);
    const auto known = found_.find(component);
    if (known != found_.end()) return known->second;
    TACHIKOMA_TRY(PluginReport report, plugins_.find_component(kind, id));
    return found_.emplace(std::move(component), std::move(report)).first->second;
  }

 private:
  PluginRegistry& plugins_;
  std::map<std::string, PluginReport> found_;
};

// The file's folders come first: the plugins that it names may be in them.
Status add_plugin_paths(const Node& root, const std::string& base_folder, const Problems& problems,
                        PluginRegistry& registry) {
  const Entry* plugins = root.find("plugins");
  if (!plugins) return registry.set_configured_paths({});
  Problems reported_later(problems.name());
  const Checked checked = check_schema(plugins->node, host_schema_for(*plugins), base_folder, reported_later);
  std::vector<std::string> paths;
  for (const Value& path : checked.typed("paths").elements())
    if (path.is_string()) paths.emplace_back(path.as_string());
  return reported_later.empty() ? registry.set_configured_paths(paths) : Done{};
}

// A tree in the host's form, and what is to be said of how it got there.
struct Prepared {
  Node root;
  std::vector<std::string> warnings = {};
};

Result<Prepared> prepared(Node root, Problems& problems) {
  Prepared out{std::move(root)};
  if (!convert_document_form(out.root, problems, out.warnings)) return problems.to_error();
  unnest_settings(out.root, problems);
  unfold_replay(out.root);
  return out;
}

Result<Prepared> read_text(std::string_view text, Problems& problems) {
  std::optional<Node> root = parse_document(text, problems);
  if (!root) return problems.to_error();
  if (root->kind == Node::Kind::null) {
    problems.add({{1, 1}, {}, "the file is empty", "name a provider: 'providers: {lmstudio: {}}'"});
    return problems.to_error();
  }
  if (root->kind != Node::Kind::map) {
    problems.add({root->at, {}, "expected a mapping with sections such as 'providers'", {}});
    return problems.to_error();
  }
  expand_variables(*root, problems);
  return prepared(*std::move(root), problems);
}

// What is right is right by the part of the schema that it uses. Null if anything is wrong.
std::optional<Checked> right_values(Node root, const std::string& base_folder, SchemaSource& source,
                                    Problems& found) {
  Value schema = complete_schema(host_schema_for(root), root, source, found);
  check_references(root, found);
  check_unsupported(root, source, found);
  if (!found.empty()) return std::nullopt;
  Checked checked = check_schema(std::move(root), std::move(schema), base_folder, found);
  if (!found.empty()) return std::nullopt;
  return checked;
}

// Of what is wrong the whole schema knows more: which other keys there are.
Result<Checked> values_by_whole_schema(const Node& root, const std::string& base_folder, SchemaSource& source,
                                       Problems& problems) {
  Checked checked =
      check_schema(root, complete_schema(host_schema(), root, source, problems), base_folder, problems);
  check_references(root, problems);
  check_unsupported(root, source, problems);
  if (!problems.empty()) return problems.to_error();
  return checked;
}

// `read` is called once more if something is wrong: a look at what is right leaves no tree behind.
template <class Read>
Result<Config> check_tree(const Read& read, const std::string& name, const std::string& base_folder,
                          SchemaSource& source, PluginRegistry* registry) {
  Problems problems(name), found(name);
  TACHIKOMA_TRY(Prepared tree, read(problems));
  if (registry) TACHIKOMA_TRY_STATUS(add_plugin_paths(tree.root, base_folder, problems, *registry));
  std::optional<Checked> checked;
  if (problems.empty()) {
    checked = right_values(std::move(tree.root), base_folder, source, found);
    if (!checked) {
      TACHIKOMA_TRY(tree, read(problems));
    }
  }
  if (!checked) {
    TACHIKOMA_TRY(checked, values_by_whole_schema(tree.root, base_folder, source, problems));
  }
  Config config = read_config(*std::move(checked));
  config.warnings.insert(config.warnings.begin(), tree.warnings.begin(), tree.warnings.end());
  return config;
}

}  // namespace

Result<Config> check_text(std::string_view text, const std::string& file, SchemaSource& source,
                          PluginRegistry* registry) {
  std::error_code ignored;
  const std::string folder = std::filesystem::absolute(file, ignored).parent_path().string();
  const auto read = [&](Problems& problems) { return read_text(text, problems); };
  Result<Config> config = check_tree(read, file, folder, source, registry);
  if (config) config->file = file;
  return config;
}

Result<Config> check_config(const Value& root, SchemaSource& source, std::string_view what,
                            PluginRegistry* registry) {
  std::error_code ignored;
  const std::string folder = std::filesystem::current_path(ignored).string();
  const auto read = [&](Problems& problems) { return prepared(to_node(root), problems); };
  return check_tree(read, std::string(what), folder, source, registry);
}

Result<Config> check_config(const Value& root, PluginRegistry& plugins, std::string_view what) {
  RegistrySchemas source(plugins);
  return check_config(root, source, what, &plugins);
}

}  // namespace config

Result<Config> load_config(std::string_view file, PluginRegistry& plugins) {
  const std::string name(file);
  TACHIKOMA_TRY(std::string text, config::read_source(name));
  config::RegistrySchemas source(plugins);
  return config::check_text(text, name, source, &plugins);
}

}  // namespace tachikoma
