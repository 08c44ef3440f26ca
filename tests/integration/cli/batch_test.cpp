// SPDX-License-Identifier: MIT
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string chat_line(const std::string& id, const std::string& text, const std::string& model = "alpha") {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/chat/completions","body":{"model":")" +
         model + R"(","messages":[{"role":"user","content":")" + text + "\"}]}}\n";
}

std::string numbered_lines(int count, const std::string& model = "alpha") {
  std::string lines;
  for (int i = 1; i <= count; ++i)
    lines += chat_line("id-" + std::to_string(i), "number " + std::to_string(i) + ".", model);
  return lines;
}

std::string content_of(const Value& line) {
  const Value& choices = line["response"]["body"]["choices"];
  return choices.elements().empty() ? ""
                                    : std::string(choices.elements()[0]["message"]["content"].as_string());
}

std::vector<std::string> ids_of(const std::vector<Value>& lines) {
  std::vector<std::string> ids;
  for (const Value& line : lines) ids.emplace_back(line["custom_id"].as_string());
  return ids;
}

std::vector<std::string> numbered_ids(int count) {
  std::vector<std::string> ids;
  for (int i = 1; i <= count; ++i) ids.push_back("id-" + std::to_string(i));
  return ids;
}

/// A user with a file of requests, `in.jsonl`.
struct BatchShell : Shell {
  explicit BatchShell(const std::string& lines, const std::string& config = kEchoes) : Shell(config) {
    write("in.jsonl", lines);
  }
  void write(const std::string& name, const std::string& text) const { folder().write(name, text); }
  bool has(const std::string& name) const { return std::filesystem::exists(folder().path() / name); }
  std::string read(const std::string& name) const { return read_file((folder().path() / name).string()); }
  std::vector<Value> lines(const std::string& name) const { return json_lines_of(read(name)); }
  std::vector<std::string> words(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"batch", "in.jsonl", "-o", "out.jsonl"});
    return more;
  }
  Finished batch(std::vector<std::string> more = {}) const { return tachikoma(words(std::move(more))); }
  // Until the journal has the results of so many requests.
  void wait_for_results(std::ptrdiff_t count) const {
    const auto results = [&] {
      if (!has("out.jsonl.journal")) return std::ptrdiff_t(-1);
      const std::string text = read("out.jsonl.journal");
      return std::ranges::count(text, '\n') - 1;
    };
    while (results() < count) std::this_thread::yield();
  }
};

std::string simulated(const Simulator& simulator) {
  return "providers: {local: {plugin: lmstudio, base_url: '" + simulator.base_url() +
         "'}}\npolicy: {retry: {attempts: 1}}\n";
}

// Three requests in a row that are not answered until their client has gone.
std::string stall_from(int number) {
  std::string faults = "faults:\n";
  for (int i = number; i < number + 3; ++i)
    faults += "  - {when: {contains: 'number " + std::to_string(i) + ".'}, kind: stall}\n";
  return faults;
}

}  // namespace

TEST_CASE("batch answers OpenAI's lines in their form and their order", "[cli][batch]") {
  const BatchShell shell(numbered_lines(30));
  const Finished done = shell.batch({"-j", "8"});
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(done.out.empty());
  const std::vector<Value> lines = shell.lines("out.jsonl");
  CHECK(ids_of(lines) == numbered_ids(30));
  for (std::size_t i = 0; i < lines.size(); ++i)
    CHECK(content_of(lines[i]) == "number " + std::to_string(i + 1) + ".");
  CHECK(lines[0]["error"].is_null());
  CHECK(lines[0]["response"]["status_code"] == Value(200));
  CHECK(lines[0]["response"]["body"]["object"].as_string() == "chat.completion");
  CHECK(lines[0]["response"]["body"]["choices"].elements()[0]["finish_reason"].as_string() == "stop");
  CHECK_FALSE(shell.has("out.jsonl.journal"));
  CHECK_FALSE(shell.has("out.errors.jsonl"));
}

TEST_CASE("batch takes short lines too, and those without a model get --model", "[cli][batch]") {
  const BatchShell shell(
      "{\"prompt\":\"one\"}\n\n{\"custom_id\":\"b\",\"messages\":[{\"role\":\"user\",\"content\":\"two\"}]}\n"
      "{\"prompt\":\"three\",\"model\":\"gamma\"}");
  CHECK(shell.batch({"-m", "beta"}).exit_code == 0);
  const std::vector<Value> lines = shell.lines("out.jsonl");
  CHECK(ids_of(lines) == std::vector<std::string>{"line-1", "b", "line-4"});
  CHECK(content_of(lines[0]) == "one");
  CHECK(lines[0]["response"]["body"]["model"].as_string() == "beta");
  CHECK(lines[2]["response"]["body"]["model"].as_string() == "gamma");
  CHECK(lines[2]["response"]["body"]["choices"].elements()[0]["message"]["reasoning_content"].as_string() ==
        "let me think");
}

TEST_CASE("batch sends every field of a chat that it accepts, and embeds", "[cli][batch]") {
  const Simulator simulator;
  const BatchShell shell(
      R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"mistral-7b","messages":[)"
      R"({"role":"system","content":"Be kind"},{"role":"user","content":[{"type":"text","text":"Ada is 36"}]}],)"
      R"("temperature":0.5,"max_completion_tokens":99,"stop":"END","seed":7,"n":1,"stream":false,)"
      R"("logit_bias":{"5":-1},"response_format":{"type":"json_schema","json_schema":{"name":"p","schema":)"
      R"({"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}}}}})"
      "\n"
      R"({"custom_id":"b","method":"POST","url":"/v1/embeddings","body":{"input":["x","y"],)"
      R"("model":"text-embedding-nomic-embed-text-v1.5"}})"
      "\n"
      R"({"custom_id":"c","method":"POST","url":"/v1/chat/completions","body":{"model":"mistral-7b","messages":[)"
      R"({"role":"user","content":"What is the weather in Tokyo?"}],"tools":[{"type":"function","function":)"
      R"({"name":"get_weather","description":"Weather at a place","parameters":{"type":"object","properties":)"
      R"({"location":{"type":"string"}},"required":["location"]}}}],"tool_choice":"required"}})"
      "\n",
      simulated(simulator));
  const Finished done = shell.batch({"-j", "1"});
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  const std::vector<Value> lines = shell.lines("out.jsonl");
  CHECK(content_of(lines[0]) == R"({"age":36})");
  CHECK(lines[0]["response"]["body"]["usage"]["prompt_tokens"].as_integer() > 0);
  const Value& embeddings = lines[1]["response"]["body"]["data"];
  REQUIRE(embeddings.elements().size() == 2);
  CHECK(embeddings.elements()[1]["index"] == Value(1));
  CHECK(embeddings.elements()[1]["embedding"].elements().size() == 768);
  const Value& choice = lines[2]["response"]["body"]["choices"].elements()[0];
  CHECK(choice["finish_reason"].as_string() == "tool_calls");
  CHECK(choice["message"]["content"].is_null());
  CHECK(choice["message"]["tool_calls"].elements()[0]["function"]["name"].as_string() == "get_weather");
  const Value state = simulator.state();
  const auto sent = std::ranges::find_if(state["requests"].elements(),
                                         [](const Value& each) { return each["body"]["seed"] == Value(7); });
  REQUIRE(sent != state["requests"].elements().end());
  CHECK((*sent)["body"]["temperature"].as_real() == 0.5);
  CHECK((*sent)["body"]["max_tokens"] == Value(99));
  CHECK((*sent)["body"]["stop"].elements()[0].as_string() == "END");
  CHECK((*sent)["body"]["messages"].elements()[0]["content"].as_string() == "Be kind");
}

TEST_CASE("batch checks every line before it sends one, and names each that is wrong", "[cli][batch]") {
  const std::string body = R"(,"method":"POST","url":"/v1/chat/completions","body":{)";
  const BatchShell shell(chat_line("a", "fine") + chat_line("a", "again") + "{\"prompt\": 1}\nnot JSON\n" +
                         "{\"custom_id\":\"u\"" + body + "\"prompt\":\"x\",\"user\":\"me\"}}\n" +
                         "{\"custom_id\":\"n\"" + body + "\"prompt\":\"x\",\"n\":2}}\n" +
                         "{\"custom_id\":\"t\"" + body + "\"prompt\":\"x\",\"temperature\":9}}\n" +
                         "{\"custom_id\":\"i\"" + body +
                         "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
                         "\"image_url\":{\"url\":\"https://a.example/b.png\"}}]}]}}\n" +
                         R"({"custom_id":"w","method":"POST","url":"/v1/responses","body":{}})" + "\n" +
                         R"({"method":"POST","url":"/v1/embeddings","body":{"input":"x"}})" + "\n[1]\n");
  const Finished refused = shell.batch();
  CHECK(refused.exit_code == 2);
  CHECK_FALSE(shell.has("out.jsonl.journal"));
  check_golden("cli/batch_errors.txt", refused.err);
}

TEST_CASE("what only the server can know goes to the error file, and the batch ends with exit 12",
          "[cli][batch]") {
  const Simulator simulator(
      "faults:\n"
      "  - {when: {contains: 'number 2.'}, kind: status, status: 429}\n"
      "  - {when: {contains: 'number 3.'}, kind: status, status: 500}\n");
  const BatchShell shell(numbered_lines(4, "mistral-7b") + chat_line("id-5", "hi", "no-such-model"),
                         simulated(simulator));
  const Finished done = shell.batch({"--errors", "failed.jsonl"});
  CHECK(done.exit_code == 12);
  CHECK(ids_of(shell.lines("out.jsonl")) == std::vector<std::string>{"id-1", "id-4"});
  const std::vector<Value> failed = shell.lines("failed.jsonl");
  REQUIRE(ids_of(failed) == std::vector<std::string>{"id-2", "id-3", "id-5"});
  CHECK(failed[0]["response"].is_null());
  CHECK(failed[0]["error"]["code"].as_string() == "rate_limited");
  CHECK(failed[0]["error"]["http_status"] == Value(429));
  CHECK(failed[1]["error"]["http_status"] == Value(500));
  CHECK(failed[2]["error"]["code"].as_string() == "model_not_found");
  CHECK_THAT(done.err, ContainsSubstring("5 lines: 2 in out.jsonl, 3 failed, in failed.jsonl"));
}

TEST_CASE("a batch for two models, of which one fits, loads each once", "[cli][batch]") {
  const Simulator simulator(
      "memory: 6GB\nvram: 0\nauto_evict: false\nmodels: [{key: a, size: 4GB}, {key: b, size: 4GB}]\n");
  std::string lines;
  for (int i = 1; i <= 20; ++i)
    lines += chat_line("id-" + std::to_string(i), "number " + std::to_string(i) + ".", i % 2 ? "b" : "a");
  const BatchShell shell(lines, simulated(simulator));
  const Finished done = shell.batch({"--json", "-j", "4"});
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  CHECK(ids_of(shell.lines("out.jsonl")) == numbered_ids(20));
  const Value state = simulator.state();
  const auto loads = std::ranges::count_if(state["requests"].elements(), [](const Value& each) {
    return each["path"].as_string().ends_with("/loadModel") && each["status"] == Value(200);
  });
  CHECK(loads == 2);
  const Value data = json_of(done.out)["data"];
  CHECK(json_of(done.out)["kind"].as_string() == "batch");
  CHECK(data["total"] == Value(20));
  CHECK(data["succeeded"] == Value(20));
  CHECK(data["failed"] == Value(0));
  CHECK(data["models"] == Value(2));
  CHECK(data["seconds"].as_real() > 0);
  CHECK(data["errors"].is_null());
}

TEST_CASE("a batch that is killed again and again has each line once, in order", "[cli][batch]") {
  const Simulator simulator;
  const BatchShell shell(numbered_lines(200, "mistral-7b"), simulated(simulator));
  for (const int results : {14, 62, 110, 148, 186}) {
    simulator.play(stall_from(results + 1));
    Process running(shell.command(shell.words({"-j", "3", "--resume"})));
    running.close_input();
    shell.wait_for_results(results);
    running.signal(SIGKILL);
    CHECK(running.wait() == 128 + SIGKILL);
    CHECK_FALSE(shell.has("out.jsonl"));
  }
  simulator.play("faults: []");
  const Finished done = shell.batch({"-j", "3", "--resume", "--json"});
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(json_of(done.out)["data"]["resumed"] == Value(186));
  CHECK(ids_of(shell.lines("out.jsonl")) == numbered_ids(200));
  CHECK_FALSE(shell.has("out.jsonl.journal"));
}

TEST_CASE("a cut line at the end of a journal is asked again", "[cli][batch]") {
  const std::size_t cut = GENERATE(20, 1);  // 1: only its end is missing
  const Simulator simulator(stall_from(8));
  const BatchShell shell(numbered_lines(10, "mistral-7b"), simulated(simulator));
  {
    Process running(shell.command(shell.words({"-j", "3"})));
    running.close_input();
    shell.wait_for_results(7);
    running.signal(SIGKILL);
    running.wait();
  }
  std::string journal = shell.read("out.jsonl.journal");
  journal.resize(journal.size() - cut);
  shell.write("out.jsonl.journal", journal);
  shell.write("out.jsonl", "as if it were killed before the journal was removed");
  simulator.play("faults: []");
  const Finished done = shell.batch({"--resume", "--json"});
  CHECK(done.exit_code == 0);
  CHECK(json_of(done.out)["data"]["resumed"] == Value(6));
  CHECK(ids_of(shell.lines("out.jsonl")) == numbered_ids(10));
}

TEST_CASE("^C stops a batch, keeps its journal, and says how to go on", "[cli][batch][signal]") {
  const Simulator simulator(stall_from(3));
  const BatchShell shell(numbered_lines(6, "mistral-7b"), simulated(simulator));
  const std::string errors = (shell.folder().path() / "errors").string();
  Process running(with_errors_in(shell.command(shell.words({"-j", "3"})), errors));
  running.close_input();
  shell.wait_for_results(2);
  const Finished second = shell.batch({"--resume"});
  CHECK(second.exit_code == 2);
  CHECK_THAT(second.err, ContainsSubstring("'out.jsonl.journal' is in use: a program runs this batch"));
  running.signal(SIGINT);
  CHECK(running.wait() == 130);
  CHECK_THAT(read_file(errors),
             ContainsSubstring("go on with: tachikoma batch in.jsonl -o out.jsonl --resume"));
  simulator.play("faults: []");
  CHECK(shell.batch({"--resume"}).exit_code == 0);
  CHECK(ids_of(shell.lines("out.jsonl")) == numbered_ids(6));
}

TEST_CASE("a batch overwrites nothing, and goes on with nothing that is not its own", "[cli][batch]") {
  const BatchShell shell(numbered_lines(2));
  std::string said;
  const auto refuse = [&](std::vector<std::string> more) {
    const Finished refused = shell.batch(std::move(more));
    CHECK(refused.exit_code == 2);
    said += refused.err;
  };
  shell.write("out.jsonl.journal", R"({"schema_version":1,"kind":"batch_journal","input_bytes":1})"
                                   "\n");
  refuse({});
  refuse({"--resume"});
  shell.write("out.jsonl.journal", R"({"schema_version":2,"kind":"batch_journal"})"
                                   "\n");
  refuse({"--resume"});
  shell.write("out.jsonl.journal", "my notes\n");
  refuse({"--resume"});
  std::filesystem::remove(shell.folder().path() / "out.jsonl.journal");
  shell.write("out.jsonl", "mine");
  refuse({});
  refuse({"--resume"});
  CHECK(shell.read("out.jsonl") == "mine");
  std::filesystem::remove(shell.folder().path() / "out.jsonl");
  shell.write("out.errors.jsonl", "mine");
  refuse({});
  refuse({"--errors", "out.jsonl"});
  refuse({"--errors", "in.jsonl"});
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"batch"},
                                             {"batch", "in.jsonl"},
                                             {"batch", "none.jsonl", "-o", "x"},
                                             {"batch", ".", "-o", "x"},
                                             {"batch", "in.jsonl", "-o", "x", "-j", "0"}}) {
    const Finished refused = shell.tachikoma(words);
    CHECK(refused.exit_code == 2);
    said += refused.err;
  }
  check_golden("cli/batch_refused.txt", said);
}

TEST_CASE("where stderr is no terminal, a batch tells each tenth", "[cli][batch]") {
  const BatchShell shell(numbered_lines(20));
  const Finished done = shell.batch({"-j", "1"});
  CHECK(done.exit_code == 0);
  CHECK_THAT(done.err, ContainsSubstring("batch in.jsonl: 10 % · 2 of 20"));
  CHECK_THAT(done.err, ContainsSubstring("batch in.jsonl: 90 % · 18 of 20"));
  CHECK_THAT(done.err, ContainsSubstring("20 lines: 20 in out.jsonl"));
}
