// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "support/catch.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string every_byte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

// Every member of a message as text. The bindings name all of them: a new one has to be added here.
std::vector<std::string> members_of(const Message& message) {
  const auto& [role, text, tool_calls, tool_call_id, reasoning, images, extra] = message;
  std::string calls, files;
  for (const auto& [id, name, arguments] : tool_calls) calls += id + "|" + name + "|" + arguments + "\n";
  for (const auto& [mime_type, bytes] : images) files += mime_type + "|" + bytes + "\n";
  return {std::string(to_string(role)), text, calls, tool_call_id, reasoning, files, to_json(extra)};
}

Message with_everything() {
  return {.role = Role::assistant,
          .text = "a text\nwith \"quotes\" and \x01",
          .tool_calls = {{"call_1", "weather", R"({"place": "Zürich"})"}, {"", "", "{\"cut"}},
          .tool_call_id = "call_0",
          .reasoning = "because",
          .images = {{"image/png", every_byte()}, {"image/svg+xml", "<svg/>"}},
          .extra = Value::object(
              {{"prefix", true}, {"n", 1}, {"x", 1.0}, {"deep", Value::array({nullptr, "a"})}})};
}

Message through_json(const Message& message) {
  return from_value<Message>(parse_json(to_json(to_value(message))).value()).value();
}

}  // namespace

TEST_CASE("a message is the same after its JSON form was written and read", "[conversation]") {
  CHECK(members_of(through_json(with_everything())) == members_of(with_everything()));
  for (const Role role : {Role::system, Role::user, Role::assistant, Role::tool})
    CHECK(through_json({.role = role}).role == role);
}

TEST_CASE("each member of a message is in its JSON form", "[conversation]") {
  const std::vector<std::string> none = members_of({}), all = members_of(with_everything());
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO("member " << i);
    CHECK(all[i] != none[i]);  // or the test above shows nothing
  }
}

TEST_CASE("bytes that are not UTF-8 survive in every text of a message", "[conversation]") {
  const std::string bytes = every_byte() + "\xC3(\xED\xA0\x80\xFF";
  const Message strange{.role = Role::tool,
                        .text = bytes,
                        .tool_calls = {{bytes, bytes, bytes}},
                        .tool_call_id = bytes,
                        .reasoning = bytes,
                        .images = {{bytes, bytes}}};
  CHECK(members_of(through_json(strange)) == members_of(strange));
  CHECK(to_value({.role = Role::user, .text = "\xFF"})["text"] == Value::object({{"base64", "/w=="}}));
}

TEST_CASE("the JSON form of a message leaves out what is empty", "[conversation]") {
  CHECK(to_json(to_value(user("Hi"))) == R"({"role":"user","text":"Hi"})");
  CHECK(to_json(to_value(tool_result("1", ""))) == R"({"role":"tool","text":"","tool_call_id":"1"})");
  CHECK(to_json(to_value(user("See", {{"image/png", "abc"}}))) ==
        R"({"role":"user","text":"See","images":[{"mime_type":"image/png","base64":"YWJj"}]})");
}

TEST_CASE("what is no message is refused, and the place of the fault is named", "[conversation]") {
  const auto why = [](std::string_view json) {
    return from_value<Message>(parse_json(json).value()).error().message;
  };
  CHECK(why("[]") == "this is not a message: it is an array; it must be an object");
  CHECK(why(R"({"text":"x"})") ==
        "this is not a message: it is an object; it must be an object with a 'role'");
  CHECK(why(R"({"role":"boss"})") ==
        "this is not a message: 'role' is \"boss\"; it must be system, user, assistant or tool");
  CHECK(why(R"({"role":"user","text":1})") == "this is not a message: 'text' is 1; it must be a string");
  CHECK(why(R"({"role":"assistant","tool_calls":[{"id":"1"},{"id":2}]})") ==
        "this is not a message: 'tool_calls[1].id' is 2; it must be a string");
  CHECK(why(R"({"role":"user","images":[{"base64":"?"}]})") ==
        "this is not a message: 'images[0].base64' is \"?\"; it must be base64");
  CHECK(why(R"({"role":"user","mood":"good"})") == "this is not a message: 'mood' is no member of one");
}
