// SPDX-License-Identifier: MIT
#include "config/model_library.hpp"

#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "config/model_library_text.hpp"
#include "config/schema_check.hpp"
#include "config/source_text.hpp"
#include "config/yaml_document.hpp"

namespace tachikoma::config {
namespace {

// What the schema can't say: either kind of layer needs its sizes.
void check_layers(const Node& model, const std::string& name, Problems& problems) {
  const bool has_experts = model.find("experts") != nullptr;
  const auto add = [&](const char* what) { problems.add({model.at, dotted("models", name), what}); };
  if (has_experts == (model.find("feed_forward") != nullptr))
    add("either 'feed_forward' or 'experts' says how large its layers are");
  if (has_experts != (model.find("active_parameters") != nullptr))
    add("'active_parameters' and 'experts' belong together");
  if (model.find("correction") && !model.find("document"))
    add("there is no 'document' that 'correction' corrects");
}

// That of a configuration tells how to check one.
Error of_library(const Problems& problems) {
  Error error = problems.to_error();
  error.hint = "correct the model library, or leave it out: there is a built-in one";
  return error;
}

}  // namespace

Result<Value> check_model_library(std::string_view text, const std::string& file) {
  TACHIKOMA_TRY(const Value schema, base::parse_json(kModelLibrarySchemaText));
  Problems problems(file);
  std::optional<Node> root = parse_document(text, problems);
  if (root && root->kind != Node::Kind::map)
    problems.add({root->at, {}, "expected a mapping with 'bits_per_weight' and 'models'"});
  if (!root || !problems.empty()) return of_library(problems);
  if (const Entry* models = root->find("models"))
    for (const Entry& each : models->node.entries) check_layers(each.node, each.key, problems);
  Checked checked = check_schema(*std::move(root), schema, {}, problems);
  if (!problems.empty()) return of_library(problems);
  return checked.take_typed();
}

Result<Value> read_model_library(const std::string& file) {
  TACHIKOMA_TRY(const std::string text, read_source(file));
  return check_model_library(text, file);
}

Result<Value> own_model_library() { return check_model_library(kModelLibraryText, "model-library.yaml"); }

}  // namespace tachikoma::config
