// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// A place in the file, both counted from 1, columns in characters. Line 0: it did not come from a file.
struct Position {
  int line = 0;
  int column = 0;
};

struct Entry;

/// A configuration as written: scalars are still text, because only the schema knows their types.
struct Node {
  enum class Kind { null, plain, quoted, list, map };

  Kind kind = Kind::null;
  Position at;
  std::string text;                    ///< scalars: after expansion of variables
  std::vector<Node> items;             ///< lists
  std::vector<Entry> entries;          ///< maps, in the order of the file
  std::vector<std::string> variables;  ///< environment variables whose values are in `text`
  bool expanded = false;               ///< `text` had variables, set or not
  bool is_variable = false;            ///< `text` was a variable and nothing else
  bool broken = false;                 ///< already reported: there is no value to check
  bool secret = false;                 ///< its text may be in no message

  bool is_scalar() const { return kind == Kind::plain || kind == Kind::quoted; }
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  void erase(std::string_view key);
};

/// One key of a map.
struct Entry {
  std::string key;
  Position at;  ///< of the key
  Node node;
  std::string written = {};  ///< the dotted path in its map as written, if that isn't its key
  bool from_above = false;   ///< `written` is the path in the map above that
};

/// A tree without positions. Of members with the same name the last one counts.
Node to_node(const Value& value);

/// "a.b", the key in quotes where it has a dot of its own.
std::string dotted(std::string_view where, std::string_view key);

/// The path of an entry, as written: in the map at `where`, which is in the one at `above`.
std::string dotted(std::string_view above, std::string_view where, const Entry& entry);

/// The way to a place in a tree: made into text only for a message.
struct Trail {
  const Trail* above;     ///< null: the root is above
  const Entry* entry;     ///< of a map; null: an item of a list
  std::size_t index = 0;  ///< of that item
};

/// The dotted path as written; empty for the root, which is null.
std::string dotted(const Trail* trail);

/// One error in a configuration.
struct Problem {
  Position at;
  std::string where;  ///< dotted path of the place, empty at the root
  std::string message;
  std::string hint = {};        ///< "did you mean 'x'?", or another next step
  std::string key = {};         ///< the key at that place that is meant, if it is not `where` itself
  bool refused_plugin = false;  ///< the configuration is right; what it names can't be loaded
};

/// All errors in one configuration.
class Problems {
 public:
  /// `name`: the file as the user gave it, or a name for whatever else is checked.
  explicit Problems(std::string name) : name_(std::move(name)) {}

  void add(Problem problem) { all_.push_back(std::move(problem)); }
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }
  const std::string& name() const { return name_; }
  const std::vector<Problem>& all() const { return all_; }

  /// "file:line:col", or the name alone where there is no position.
  std::string place(Position at) const;
  /// One error with all of them, one per line, in the order of the file: `config_invalid`, or
  /// `plugin_refused` where nothing else is wrong.
  Error to_error() const;

 private:
  std::string line(const Problem& problem) const;

  std::string name_;
  std::vector<Problem> all_;
};

/// Text from a file, for a message: truncated, without control characters, in quotes.
std::string in_quotes(std::string_view text);

}  // namespace tachikoma::config
