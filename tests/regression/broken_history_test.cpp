// SPDX-License-Identifier: MIT
// An assistant turn without any content, or with a call that was never answered, stayed in the history:
// servers and templates refused every request after it.
#include <string>
#include <vector>

#include "generate/history.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Message calling(std::vector<std::string> ids, std::string text = "") {
  Message message{Role::assistant, std::move(text)};
  for (std::string& id : ids) message.tool_calls.push_back({std::move(id), "add", "{}"});
  return message;
}

std::string shown(const std::vector<Message>& messages) {
  std::string out;
  for (const Message& message : messages) {
    out += std::string(to_string(message.role)) + "(" + message.text;
    for (const ToolCall& call : message.tool_calls) out += " !" + call.id;
    out += (message.tool_call_id.empty() ? "" : " ?" + message.tool_call_id) + ") ";
  }
  return out;
}

std::string accepted(std::vector<Message> messages) {
  return shown(generate::acceptable_history(std::move(messages)));
}

}  // namespace

TEST_CASE("an assistant turn without content is left out", "[history]") {
  CHECK(accepted({user("a"), {Role::assistant, ""}, user("b")}) == "user(a) user(b) ");
  CHECK(accepted({user("a"), {Role::assistant, " \n"}}) == "user(a) ");
  CHECK(accepted({user(""), {Role::assistant, "x"}}) == "user() assistant(x) ");
  Message with_fields{Role::assistant, ""};
  with_fields.extra = Value::object({{"prefix", true}});
  CHECK(accepted({user("a"), with_fields}) == "user(a) assistant() ");
}

TEST_CASE("a call that was never answered is answered with 'not run'", "[history]") {
  CHECK(accepted({user("a"), calling({"1"}), user("b")}) ==
        "user(a) assistant( !1) tool(not run ?1) user(b) ");
  CHECK(accepted({user("a"), calling({"1", "2", "3"}), tool_result("2", "x"), user("b")}) ==
        "user(a) assistant( !1 !2 !3) tool(x ?2) tool(not run ?1) tool(not run ?3) user(b) ");
  CHECK(accepted({user("a"), calling({"1"}, "so"), {Role::assistant, ""}, calling({"2"})}) ==
        "user(a) assistant(so !1) tool(not run ?1) assistant( !2) tool(not run ?2) ");
}

TEST_CASE("a sound history stays as it is", "[history]") {
  const std::vector<Message> sound{
      system_prompt("s"),     user("a"), calling({"1", "2"}), tool_result("2", "y"), tool_result("1", "x"),
      {Role::assistant, "b"}, user("c")};
  CHECK(accepted(sound) == shown(sound));
}
