// SPDX-License-Identifier: MIT
// The simulator died of a folder as its script, wrote endlessly for a schema that branches at every level,
// obeyed any web page on its control route, and did not end at a signal while it was busy.
#include <csignal>
#include <string>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// The status of an answer: "200".
std::string status_of(const Simulator& simulator, const std::string& method, const std::string& path,
                      const std::string& headers, const std::string& body = {}) {
  RawConnection connection(simulator.port());
  const std::string host = headers.find("Host: ") == std::string::npos
                               ? "Host: 127.0.0.1:" + std::to_string(simulator.port()) + "\r\n"
                               : "";
  connection.send(method + " " + path + " HTTP/1.1\r\n" + host + headers +
                  "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return connection.read_until("\r\n\r\n").substr(9, 3);
}

}  // namespace

TEST_CASE("a script that is a folder, or can't be read, is exit 3 with the reason", "[simulator]") {
  const TempDir dir;
  const auto started_with = [](const std::string& script) {
    return run({.argv = {program("lmstudio-sim"), "--port", "0", "--script", script}});
  };
  const Finished folder = started_with(dir.path().string());
  CHECK(folder.exit_code == 3);
  CHECK_THAT(folder.err,
             StartsWith("'" + dir.path().string() + "': can't read the script: it is a folder\n"));
  CHECK(started_with("/proc/self/mem").exit_code == 3);  // opens, and can't be read
  CHECK(started_with("/dev/null").exit_code == 3);
}

TEST_CASE("a schema that branches at every level is answered", "[simulator]") {
  const std::string schema = GENERATE(
      R"({"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}},"required":["a","b","c"]})",
      R"({"type":"object","allOf":[{"$ref":"#"},{"$ref":"#"}]})",
      R"({"type":"array","minItems":1000,"items":{"$ref":"#"}})",
      R"({"type":"object","minProperties":1000,"additionalProperties":{"$ref":"#"}})",
      R"({"type":"object","properties":{"a":{"anyOf":[{"$ref":"#"},{"$ref":"#"}]},"b":{"$ref":"#/properties/a"}},"required":["a","b"]})",
      R"~({"type":"object","properties":{"a":{"type":"string","pattern":"((((a{100000}){100000}){100000}){100000})"}},"required":["a"]})~");
  const Simulator simulator;
  CHECK(status_of(simulator, "POST", "/v1/chat/completions", "Content-Type: application/json\r\n",
                  R"({"model":"openai/gpt-oss-20b","messages":[{"role":"user","content":"Hi"}],)"
                  R"("response_format":{"type":"json_schema","json_schema":{"name":"x","schema":)" +
                      schema + "}}}") == "200");
}

TEST_CASE("a web page of another origin can't use the control route", "[simulator]") {
  const Simulator simulator;
  const std::string own = "127.0.0.1:" + std::to_string(simulator.port());
  for (const char* headers :
       {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: https://127.0.0.1\r\n",
        "Host: evil.example\r\nOrigin: http://evil.example\r\n", "Host: evil.example:1234\r\n"}) {
    INFO(headers);
    CHECK(status_of(simulator, "POST", "/__sim/script", headers, "replies: [{text: taken}]") == "403");
    CHECK(status_of(simulator, "POST", "/__sim/reset", headers) == "403");
    CHECK(status_of(simulator, "GET", "/__sim/state", headers) == "403");
  }
  for (const std::string& headers :
       {std::string("Host: simulator:1234\r\n"), "Origin: http://" + own + "\r\n",
        std::string("Host: [::1]:1234\r\n"), std::string()})
    CHECK(status_of(simulator, "GET", "/__sim/state", headers) == "200");
}

TEST_CASE("the simulator ends at a signal while it writes an answer that nobody reads, or is busy with one",
          "[simulator]") {
  std::string text = "replies: [{text: \"";
  for (int i = 0; i < 1'000'000; ++i) text += "word ";
  const std::string streamed = GENERATE("true", "false");
  Simulator simulator(text + "\"}]\n");
  const std::string body = R"({"model":"openai/gpt-oss-20b","stream":)" + streamed +
                           R"(,"messages":[{"role":"user","content":"Hi"}]})";
  RawConnection connection(simulator.port());
  connection.post("/v1/chat/completions", body);
  simulator.wait_for([](const Value& state) { return !state["requests"].elements().empty(); });
  simulator.process().signal(SIGTERM);
  CHECK(simulator.process().wait() == 0);
}
