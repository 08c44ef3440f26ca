// SPDX-License-Identifier: MIT
#include "config/yaml_document.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.hpp"
#include "config/lookalikes.hpp"
#include "config/plain_yaml.hpp"
#include "config/respelling.hpp"
#include "config/source_text.hpp"

namespace tachikoma::config {
namespace {

constexpr char kUseBlanks[] = "use blanks, or put text that needs it in quotes";

// Thrown to end the parse at a problem that makes the rest of the file meaningless.
struct Abandoned {};

// Builds our tree from yaml-cpp's events. Its own node tree would hide what has to be refused: keys that
// occur twice, aliases, tags, the end of a document.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Problems& problems) : source_(source), problems_(problems) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++) fail(mark, "a second document starts here", "keep one document in a file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(scalar(mark, {}), anchor); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      fail(mark, "this alias refers to a value that contains it", "write the value out");
    count(mark, found->second.nodes);
    if (static_cast<int>(open_.size()) + found->second.depth > kDeepestNode) too_deep(mark);
    Node copy = found->second.node;
    copy.at = source_.position(mark.pos);
    place(std::move(copy), found->second.depth);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = scalar(mark, value);
    node.kind = tag == "!" ? Node::Kind::quoted : Node::Kind::plain;
    refuse_tag(mark, tag);
    if (node.kind == Node::Kind::plain) refuse_lookalike(mark, value);
    if (node.kind == Node::Kind::quoted && !source_.quote_is_closed(mark.pos))
      fail(mark, "this quote is not closed before the end of the file", "close it");
    if (value.find('\0') != std::string::npos) fail(mark, "the text contains a NUL character");
    if (!base::is_utf8(value)) fail(mark, "the text is not valid UTF-8");
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    int depth = 1;  // of the deepest node in it, itself included
    bool has_key = false;
    bool keeps_key = true;  // false: a problem was reported, and there is nothing to check
    std::string key = {};
    Position key_at = {};
    std::unordered_set<std::string> keys = {};  // that it has already
  };
  struct Anchored {
    Node node;
    std::size_t nodes;
    int depth;
  };

  [[noreturn]] void fail(const YAML::Mark& mark, std::string message, std::string hint = {}) {
    problems_.add({source_.position(mark.pos), {}, std::move(message), std::move(hint)});
    throw Abandoned();
  }
  [[noreturn]] void too_deep(const YAML::Mark& mark) {
    fail(mark, "the file is nested more than " + std::to_string(kDeepestNode) + " levels deep");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      fail(mark, "the tag " + in_quotes(tag) + " is not supported", "write the value without a tag");
  }
  void refuse_lookalike(const YAML::Mark& mark, std::string_view value) {
    const std::size_t at = find_misplaced_lookalike(value);
    if (at == value.size()) return;
    YAML::Mark place = mark;
    place.pos += static_cast<int>(at);
    fail(place, std::string(name_of_lookalike(value.substr(at))) + " is here, where YAML knows only blanks",
         kUseBlanks);
  }
  void count(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes)
      fail(mark, "the file has more than " + std::to_string(kMaxNodes) + " values, aliases included");
  }

  Node scalar(const YAML::Mark& mark, const std::string& value) {
    count(mark, 1);
    Node node;
    node.at = source_.position(mark.pos);
    node.text = value;
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    refuse_tag(mark, tag);
    if (static_cast<int>(open_.size()) >= kDeepestNode) too_deep(mark);
    if (expects_key()) fail(mark, "a key must be plain text, not a list or a mapping");
    Open opened{.node = {}, .anchor = anchor, .nodes_before = nodes_};
    count(mark, 1);
    opened.node.kind = kind;
    opened.node.at = source_.position(mark.pos);
    open_.push_back(std::move(opened));
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.anchor) anchors_[closed.anchor] = {closed.node, nodes_ - closed.nodes_before, closed.depth};
    place(std::move(closed.node), closed.depth);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (anchor) anchors_[anchor] = {node, 1, 1};
    place(std::move(node), 1);
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
  }

  void place(Node node, int depth) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.depth = std::max(parent.depth, depth + 1);
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      take_key(parent, node);
    } else {
      // yaml-cpp gives a missing value the position of whatever comes next
      if (node.kind == Node::Kind::null) node.at = parent.key_at;
      if (parent.keeps_key)
        parent.node.entries.push_back({std::move(parent.key), parent.key_at, std::move(node)});
      parent.has_key = false;
    }
  }

  void take_key(Open& parent, const Node& key) {
    parent.has_key = true;
    parent.key = key.text;
    parent.key_at = key.at;
    const std::size_t before = problems_.size();
    if (!key.is_scalar()) {
      problems_.add({key.at, {}, "a key must be plain text", {}});
    } else if (key.text == "<<") {
      problems_.add({key.at, {}, "the merge key '<<' is not supported", "write the keys out"});
      throw Abandoned();  // every key that it would have added would be reported as missing
    } else if (!parent.keys.insert(key.text).second) {
      problems_.add({key.at,
                     {},
                     "the key " + in_quotes(key.text) + " occurs twice",
                     "the first one is at line " + std::to_string(parent.node.find(key.text)->at.line)});
    }
    parent.keeps_key = problems_.size() == before;
  }

  const SourceText& source_;
  Problems& problems_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  Node root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// What the parser stumbles over is often not where it says: a tab, or what looks like a blank, in that line
// or in one above.
Problem explain(const YAML::Exception& failure, const SourceText& source) {
  const Position at = source.position(failure.mark.pos);
  if (failure.msg.starts_with("invalid unicode"))
    return {at, {}, "an escape here is half of a character", "write both halves, or the character itself"};
  for (int offset = failure.mark.pos; offset >= 0;) {
    const auto [line, start] = source.line(offset);
    const std::size_t indented = std::min(line.find_first_not_of(" \t"), line.size());
    if (const std::size_t tab = line.find('\t'); tab < indented)
      return {source.place(start + tab),
              {},
              "this line is indented with a tab, which YAML does not allow",
              kUseBlanks};
    for (std::size_t i = 0; i < line.size(); ++i)
      if (const std::string_view name = name_of_lookalike(line.substr(i)); !name.empty())
        return {source.place(start + i),
                {},
                "this is not valid YAML (" + failure.msg + "), and " + std::string(name) + " is here",
                kUseBlanks};
    if (start == 0) break;
    offset = static_cast<int>(start) - 1;
  }
  return {at, {}, "this is not valid YAML (" + failure.msg + ")", {}};
}

// What was read, or nothing and the problems.
struct Attempt {
  std::optional<Node> root = {};
  std::vector<Problem> problems = {};
  bool is_yaml = true;
};

Attempt parse(const std::string& text, const SourceText& source, const std::string& name) {
  Problems problems(name);
  TreeBuilder builder(source, problems);
  Attempt attempt;
  try {
    std::istringstream stream{text};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
    attempt.root = builder.take();
  } catch (const Abandoned&) {
  } catch (const YAML::Exception& failure) {
    problems.add(explain(failure, source));
    attempt.is_yaml = false;
  }
  attempt.problems = problems.all();
  return attempt;
}

}  // namespace

std::optional<Node> parse_document(std::string_view text, Problems& problems) {
  if (!check_bytes(text, problems)) return std::nullopt;
  if (std::optional<Node> plain = read_plain_yaml(without_byte_order_mark(text))) return plain;
  return parse_with_yaml_parser(text, problems);
}

std::optional<Node> parse_with_yaml_parser(std::string_view text, Problems& problems) {
  const SourceText source(text);
  Attempt attempt = parse(std::string(source.text()), source, problems.name());
  if (!attempt.is_yaml) {
    Respelling respelling = respell(source.text());
    if (!respelling.edits.empty()) {
      const SourceText respelled(text, std::move(respelling.edits));
      Attempt second = parse(respelling.text, respelled, problems.name());
      if (second.is_yaml) attempt = std::move(second);
    }
  }
  for (Problem& problem : attempt.problems) problems.add(std::move(problem));
  return std::move(attempt.root);
}

}  // namespace tachikoma::config
