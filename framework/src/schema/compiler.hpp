// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "schema/keywords.hpp"
#include "schema/node.hpp"
#include "schema/references.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::schema {

/// Turns a schema into nodes, checking it on the way. Used once.
class Compiler {
 public:
  /// Both outlive the compiler. Without `formats`, the keyword `format` only describes.
  Compiler(const Value& root, const Formats& formats) : root_(root), formats_(formats), references_(root) {}

  /// The nodes, the root first; `invalid_argument` for the first fault.
  Result<Graph> compile();

  // What the readers of the keywords use:

  /// A place in the schema: what is said there, and from where its references are seen.
  struct Spot {
    const Value& value;
    std::string place;
    std::string base;
    Spot at(std::string_view step, const Value& inner) const;
  };

  Draft draft() const { return draft_; }
  /// The node of the schema there.
  const Node* node(const Spot& spot);
  std::vector<const Node*> nodes(const Spot& list);
  /// A further node, which no reference can reach.
  Node& add(const Spot& spot);
  std::optional<std::size_t> count(const Spot& spot);
  std::optional<Value> number(const Spot& spot);
  std::vector<std::string> names(const Spot& spot);
  std::optional<Pattern> pattern(std::string_view source, const Spot& spot);
  /// Fails, unless it `fits`, with what was `expected` there.
  bool require(bool fits, const Spot& spot, std::string_view expected);
  /// The first failure stays.
  void fail(Error error);

 private:
  struct Pending {
    Node* node;
    std::string reference;
    std::string place;
    std::string base;
  };

  void read_object(Node& node, Spot spot);
  void read_keyword(Node& node, const Spot& spot, const Member& keyword);
  void read_format(Node& node, const Spot& spot);
  bool counts_beside_reference(const Spot& spot, const std::string& keyword);
  void note_id(Spot& spot);
  void follow_references();
  void refuse_loops();

  const Value& root_;
  const Formats& formats_;
  Draft draft_ = Draft::unstated;
  References references_;
  Graph graph_;
  std::unordered_map<const Value*, Node*> known_;
  std::deque<Pending> pending_;
  std::optional<Error> error_;
};

}  // namespace tachikoma::schema
