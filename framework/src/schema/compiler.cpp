// SPDX-License-Identifier: MIT
#include "schema/compiler.hpp"

#include <utility>

#include "base/json_pointer.hpp"
#include "schema/canonical.hpp"
#include "schema/keyword_readers.hpp"
#include "schema/wording.hpp"

namespace tachikoma::schema {
namespace {

constexpr std::size_t kMaxNodes = 10'000;
constexpr int kMaxSchemaDepth = 64;
constexpr std::size_t kMaxChain = 200;

Result<Draft> draft_of(const Value& root) {
  const Value* stated = root.find("$schema");
  if (!stated) return Draft::unstated;
  std::string_view uri = stated->as_string();
  if (!uri.empty() && uri.back() == '#') uri.remove_suffix(1);
  const std::size_t scheme = uri.find("://");
  const std::string_view name = scheme == std::string_view::npos ? uri : uri.substr(scheme + 3);
  if (name == "json-schema.org/draft-03/schema") return Draft::draft3;
  for (const char* known : {"json-schema.org/draft-04/schema", "json-schema.org/draft-06/schema",
                            "json-schema.org/draft-07/schema"})
    if (name == known) return Draft::draft4_to_7;
  for (const char* known : {"json-schema.org/draft/2019-09/schema", "json-schema.org/draft/2020-12/schema"})
    if (name == known) return Draft::later;
  return schema_error("/$schema", "the dialect " + shown(*stated) + " is unknown",
                      "use 'http://json-schema.org/draft-07/schema#', or leave '$schema' out");
}

// The nodes that judge the very value that `node` judges.
std::vector<const Node*> beside(const Node& node) {
  std::vector<const Node*> list = node.all_of;
  list.insert(list.end(), node.any_of.begin(), node.any_of.end());
  list.insert(list.end(), node.one_of.begin(), node.one_of.end());
  for (const Node* each : {node.excluded, node.condition, node.when_true, node.when_false})
    if (each) list.push_back(each);
  for (const Node::Dependency& each : node.dependencies)
    if (each.schema) list.push_back(each.schema);
  return list;
}

/// Looks for schemas that ask themselves about the same value, which would never end.
class LoopFinder {
 public:
  /// The node that closes a loop or lies too deep, or null.
  const Node* look(const Node& node, std::size_t depth = 0) {
    auto [seen, is_new] = states_.emplace(&node, State::open);
    if (!is_new) return seen->second == State::open ? &node : nullptr;
    if (depth == kMaxChain) return &node;
    for (const Node* each : beside(node))
      if (const Node* found = look(*each, depth + 1)) return found;
    states_[&node] = State::done;
    return nullptr;
  }

 private:
  enum class State { open, done };
  std::unordered_map<const Node*, State> states_;
};

}  // namespace

Compiler::Spot Compiler::Spot::at(std::string_view step, const Value& inner) const {
  return {inner, place + base::pointer_step(step), base};
}

Result<Graph> Compiler::compile() {
  if (deeper_than(root_, kMaxSchemaDepth))
    return schema_error("", "it is nested more than " + std::to_string(kMaxSchemaDepth) + " levels deep",
                        "name its parts under '$defs' and refer to them");
  const Result<Draft> draft = draft_of(root_);
  if (!draft) return draft.error();
  draft_ = *draft;
  node({root_, "", ""});
  follow_references();
  if (!error_) refuse_loops();
  if (error_) return *std::move(error_);
  return std::move(graph_);
}

const Node* Compiler::node(const Spot& spot) {
  if (const auto known = known_.find(&spot.value); known != known_.end()) return known->second;
  Node& node = add(spot);
  known_.emplace(&spot.value, &node);
  if (error_) return &node;
  if (spot.value.is_bool())
    node.nothing_fits = !spot.value.as_bool();
  else if (require(spot.value.is_object(), spot, "a schema: an object, true or false"))
    read_object(node, spot);
  return &node;
}

Node& Compiler::add(const Spot& spot) {
  if (graph_.size() == kMaxNodes) fail(schema_error(spot.place, "is one schema too many"));
  Node& node = *graph_.emplace_back(std::make_unique<Node>());
  node.place = spot.place;
  return node;
}

void Compiler::read_object(Node& node, Spot spot) {
  const Value* reference = spot.value.find("$ref");
  if (reference) {
    const Spot at = spot.at("$ref", *reference);
    if (require(reference->is_string(), at, "a string"))
      pending_.push_back({&node, std::string(reference->as_string()), at.place, spot.base});
  }
  if (!reference || draft_ == Draft::later) note_id(spot);
  if (const Value* format = spot.value.find("format"); format && !reference)
    read_format(node, spot.at("format", *format));
  for (const Member& keyword : spot.value.members()) {
    if (keyword.key == "$ref" || is_annotation(keyword.key)) continue;
    if (!reference || counts_beside_reference(spot, keyword.key)) read_keyword(node, spot, keyword);
  }
}

bool Compiler::counts_beside_reference(const Spot& spot, const std::string& keyword) {
  if (keyword == "$defs" || keyword == "definitions" || draft_ == Draft::later) return true;
  if (draft_ == Draft::unstated)
    fail(schema_error(spot.place, "'" + keyword + "' beside '$ref' counts in some drafts only",
                      "write both into an 'allOf', or say in '$schema' which draft it is"));
  return false;  // drafts 3 to 7 say so
}

void Compiler::read_keyword(Node& node, const Spot& spot, const Member& keyword) {
  const KeywordReader read = find_reader(keyword.key, draft_);
  const Spot at = spot.at(keyword.key, keyword.value);
  if (read)
    read(*this, node, at, spot);
  else
    fail(unknown_keyword(keyword.key, at.place, keyword_names(draft_)));
}

void Compiler::read_format(Node& node, const Spot& spot) {
  if (formats_.empty()) return;
  std::vector<std::string> names;
  for (const auto& [name, reader] : formats_) names.push_back(name);
  if (require(formats_.contains(spot.value.as_string()), spot, "one of the formats " + quoted_list(names)))
    node.format = formats_.find(spot.value.as_string())->second;
}

void Compiler::note_id(Spot& spot) {
  for (const char* keyword : {"$id", "id"}) {
    const Value* id = spot.value.find(keyword);
    if (!id || !require(id->is_string(), spot.at(keyword, *id), "a string")) continue;
    spot.base = references_.note_id(spot.base, id->as_string(), spot.value);
  }
}

void Compiler::follow_references() {
  while (!pending_.empty() && !error_) {
    const Pending next = std::move(pending_.front());
    pending_.pop_front();
    Result<References::Target> target = references_.find(next.base, next.reference);
    if (!target) {
      Error error = std::move(target).error();
      error.detail = Value::object({{"pointer", next.place}});
      return fail(std::move(error));
    }
    next.node->all_of.push_back(node({*target->schema, target->pointer, target->base}));
  }
}

void Compiler::refuse_loops() {
  LoopFinder loops;
  for (const auto& each : graph_)
    if (const Node* found = loops.look(*each))
      return fail(schema_error(found->place, "a schema comes back to itself without a step into the value",
                               "let the recursion pass through 'properties' or 'items'"));
}

std::vector<const Node*> Compiler::nodes(const Spot& list) {
  std::vector<const Node*> out;
  if (!require(list.value.is_array(), list, "an array of schemas")) return out;
  const Value::Array& elements = list.value.elements();
  for (std::size_t i = 0; i < elements.size(); ++i)
    out.push_back(node(list.at(std::to_string(i), elements[i])));
  return out;
}

std::optional<std::size_t> Compiler::count(const Spot& spot) {
  const double number = spot.value.as_real(-1);
  const bool fits = (types_of(spot.value) & kInteger) && number >= 0 && number <= 9e15;
  if (!require(fits, spot, "an integer that is not negative")) return std::nullopt;
  return static_cast<std::size_t>(number);
}

std::optional<Value> Compiler::number(const Spot& spot) {
  if (!require(spot.value.is_number(), spot, "a number")) return std::nullopt;
  return spot.value;
}

std::vector<std::string> Compiler::names(const Spot& spot) {
  std::vector<std::string> out;
  bool fits = spot.value.is_array();
  for (const Value& each : spot.value.elements()) {
    fits = fits && each.is_string();
    out.emplace_back(each.as_string());
  }
  require(fits, spot, "an array of strings");
  return out;
}

std::optional<Pattern> Compiler::pattern(std::string_view source, const Spot& spot) {
  Result<Pattern> pattern = Pattern::compile(std::string(source));
  if (pattern) return *std::move(pattern);
  fail(schema_error(spot.place, pattern.error().message, pattern.error().hint));
  return std::nullopt;
}

bool Compiler::require(bool fits, const Spot& spot, std::string_view expected) {
  if (!fits)
    fail(schema_error(spot.place, "must be " + std::string(expected) + ", but is " + shown(spot.value)));
  return fits;
}

void Compiler::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

}  // namespace tachikoma::schema
