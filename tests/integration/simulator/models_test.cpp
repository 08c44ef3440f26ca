// SPDX-License-Identifier: MIT
#include <cmath>
#include <set>

#include "integration/simulator/client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Value get(int port, const std::string& path) { return http(port, "GET", path).json(); }

std::vector<Value> embed(int port, const std::string& input) {
  const HttpReply reply = http(
      port, "POST", "/v1/embeddings",
      R"({"model":"text-embedding-nomic-embed-text-v1.5","encoding_format":"base64","input":)" + input + "}");
  REQUIRE(reply.status == 200);
  return reply.json()["data"].elements();
}

double dot(const Value& a, const Value& b) {
  double sum = 0;
  const Value::Array& left = a["embedding"].elements();
  const Value::Array& right = b["embedding"].elements();
  for (std::size_t i = 0; i < left.size(); ++i) sum += left[i].as_real() * right.at(i).as_real();
  return sum;
}

std::set<std::string> loaded(const Simulator& simulator) {
  std::set<std::string> ids;
  const Value state = simulator.state();
  for (const Value& each : state["loaded"].elements()) ids.emplace(each.as_string());
  return ids;
}

}  // namespace

TEST_CASE("The simulator introduces itself as LM Studio does") {
  const Simulator simulator;
  CHECK(get(simulator.port(), "/lmstudio-greeting") == Value::object({{"lmstudio", true}}));
  CHECK(get(simulator.port(), "/lms-status")["version"].is_string());
}

TEST_CASE("A connection is kept for five seconds, and serves one request after another") {
  const Simulator simulator;
  RawConnection connection(simulator.port());
  connection.send("GET /lms-status HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(connection.read_until("\"version\""), ContainsSubstring("Keep-Alive: timeout=5\r\n"));
  connection.send("GET /lmstudio-greeting HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(connection.read_until("\"lmstudio\""), ContainsSubstring("\"lmstudio\": true"));
}

TEST_CASE("The default world is listed on three surfaces") {
  const Simulator simulator;
  const int port = simulator.port();
  check_golden("simulator/v1_models.json", http(port, "GET", "/v1/models").body + "\n");
  check_golden("simulator/v0_models.json", http(port, "GET", "/api/v0/models").body + "\n");
  check_golden("simulator/native_models.json", http(port, "GET", "/api/v1/models").body + "\n");
}

TEST_CASE("One model is found by its id, also with the slash encoded") {
  const Simulator simulator;
  for (const char* path : {"/v1/models/openai/gpt-oss-20b", "/v1/models/openai%2Fgpt-oss-20b",
                           "/api/v0/models/openai%2Fgpt-oss-20b"})
    CHECK(get(simulator.port(), path)["id"].as_string() == "openai/gpt-oss-20b");
  CHECK(http(simulator.port(), "GET", "/api/v0/models/nope").status == 404);
}

TEST_CASE("A request loads the model that it names, and evicts the one that the last request loaded") {
  const Simulator simulator;
  CHECK(loaded(simulator) == std::set<std::string>{"openai/gpt-oss-20b", "mistral-7b"});
  CHECK(chat(simulator.port(), "phi-3-mini", "Hi").json()["model"].as_string() == "phi-3-mini");
  CHECK(loaded(simulator).count("phi-3-mini") == 1);
  CHECK(get(simulator.port(), "/api/v0/models/phi-3-mini")["state"].as_string() == "loaded");
  CHECK(chat(simulator.port(), "codellama-34b", "Hi").status == 200);
  CHECK(loaded(simulator) == std::set<std::string>{"openai/gpt-oss-20b", "mistral-7b", "codellama-34b"});
  simulator.reset();
  CHECK(loaded(simulator) == std::set<std::string>{"openai/gpt-oss-20b", "mistral-7b"});
}

TEST_CASE("A model that loads is listed as loading, and answers when it is there") {
  const Simulator simulator("models: [{key: slow, load_time: 1s}]\n");
  RawConnection connection(simulator.port());
  connection.post("/v1/chat/completions", chat_body("slow", "Hi"));
  simulator.wait_for([](const Value& state) { return !state["requests"].elements().empty(); });
  std::string state;
  while (state != "loading" && state != "loaded")
    state = get(simulator.port(), "/api/v0/models/slow")["state"].as_string();
  CHECK(state == "loading");
  CHECK_THAT(connection.read_until("\"usage\""), ContainsSubstring("200 OK"));
}

TEST_CASE("Without just-in-time loading only loaded models are listed and served") {
  const Simulator simulator("jit: false\nmodels: [{key: a, loaded: true}, {key: b}]\n");
  CHECK(get(simulator.port(), "/v1/models")["data"].elements().size() == 1);
  CHECK(chat(simulator.port(), "b", "Hi").status == 400);
  const Simulator empty("jit: false\nmodels: [{key: b}]\n");
  CHECK_THAT(chat(empty.port(), "b", "Hi").body, ContainsSubstring("No models loaded"));
}

TEST_CASE("Embeddings are unit vectors, nearer for texts that share words") {
  const Simulator simulator;
  const std::vector<Value> data = embed(
      simulator.port(), R"(["the cat sat on the mat", "The cat sat on a mat!", "quantum field theory"])");
  REQUIRE(data.size() == 3);
  for (const Value& each : data) CHECK(std::fabs(dot(each, each) - 1) < 1e-9);
  CHECK(dot(data[0], data[1]) > dot(data[0], data[2]) + 0.3);
  CHECK(embed(simulator.port(), "\"the cat sat on the mat\"").at(0)["embedding"] == data[0]["embedding"]);
}
