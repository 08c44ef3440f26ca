// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kWithTools[] = R"(providers:
  one: {plugin: echo, models: [alpha, beta]}
tools: {parrot: {plugin: echo}, tame: {plugin: echo, approved: true}}
models:
  brief: {key: alpha, system: Answer in one word, max_tokens: 100}
defaults: {model: alpha}
)";

// A model that calls the tool twice, and then says what it has got.
constexpr char kCallsTwice[] = R"(replies:
  - when: {tool_results: 0}
    tool_calls: [{name: echo, arguments: {text: "first"}}]
  - when: {tool_results: 1}
    tool_calls: [{name: echo, arguments: {text: "second"}}]
  - text: "Done."
)";

std::string calling(const Simulator& simulator) {
  return "providers: {lmstudio: {base_url: \"" + simulator.base_url() +
         "\"}}\ntools: {parrot: {plugin: echo}, tame: {plugin: echo, approved: true}}\n"
         "defaults: {model: openai/gpt-oss-20b}\n";
}

std::string results_of(const std::string& stream) {
  std::string results;
  for (const Value& line : json_lines_of(stream))
    if (line["type"].as_string() == "tool_result") results += std::string(line["text"].as_string()) + "\n";
  return results;
}

// A user at a terminal, who types `answers` at the questions of --tool.
std::string results_with_answers(const Shell& shell, const std::string& answers) {
  shell.bash("printf '" + answers +
             "' | script -qec 'tachikoma ask --stream-json --tool parrot Ask > out.jsonl' /dev/null");
  return results_of(read_file(shell.folder().path() / "out.jsonl"));
}

}  // namespace

TEST_CASE("-x prints only the first code block, and an answer without one is exit 11", "[cli][ask]") {
  const Shell shell(kEchoes);
  const auto extract = [&](const std::string& text) { return shell.tachikoma({"ask", "-x", "--", text}); };
  CHECK(extract("Run this:\n\n```sh\nls -l\n\nrm x\n```\nand\n```\nthat\n```\n").out == "ls -l\n\nrm x\n");
  CHECK(extract("  ~~~~ c\n    a\n  ```\n  ~~~\n  ~~~~\n").out == "  a\n```\n~~~\n");
  CHECK(extract("```\ncut off").out == "cut off\n");
  CHECK(extract("```\n```").out.empty());
  CHECK(extract("```\n```").exit_code == 0);
  const Finished none = extract("`ls` and ```ls``` are no blocks");
  CHECK(none.exit_code == 11);
  CHECK(none.out.empty());
  CHECK_THAT(none.err, ContainsSubstring("no code block"));
  const Finished as_json = shell.tachikoma({"ask", "-x", "--json", "```\nx\n```"});
  CHECK(json_of(as_json.out)["data"]["code"].as_string() == "x\n");
}

TEST_CASE("two forms of an answer at a time are exit 2", "[cli][ask]") {
  const Shell shell(kEchoes);
  for (const std::vector<std::string>& both : {std::vector<std::string>{"--schema", "x.json", "-x"},
                                               {"--stream-json", "-x"},
                                               {"--stream-json", "--dry-run"}}) {
    std::vector<std::string> words{"ask", "hello"};
    words.insert(words.end(), both.begin(), both.end());
    const Finished refused = shell.tachikoma(words);
    CHECK(refused.exit_code == 2);
    // with --stream-json an error is a line of it
    CHECK_THAT(refused.err + refused.out, ContainsSubstring("two forms of an answer"));
  }
}

TEST_CASE("--dry-run prints what would be sent, with what the configuration adds, and asks nobody",
          "[cli][ask]") {
  const Shell shell(kWithTools);
  const Finished planned = shell.tachikoma(
      {"ask", "-m", "brief", "--dry-run", "--tool", "parrot", "--temperature", "0.5", "Why?"}, "a log\n");
  CHECK(planned.exit_code == 0);
  CHECK(planned.err.empty());
  check_golden("cli/dry_run.txt", planned.out);
  // a server that is not there is not missed
  shell.folder().write("far.yaml",
                       "providers: {far: {plugin: openai, base_url: 'http://127.0.0.1:9/v1'}}\n"
                       "defaults: {model: 'far::m'}\n");
  const Finished far = shell.tachikoma({"ask", "--config", "far.yaml", "--dry-run", "--json", "Why?"});
  CHECK(far.exit_code == 0);
  const Value data = json_of(far.out)["data"];
  CHECK(data["model"].as_string() == "far::m");
  CHECK(data["messages"].elements().at(0)["text"].as_string() == "Why?");
}

TEST_CASE("-f with a URL adds what is there, under its address", "[cli][ask][url]") {
  const LoopbackServer server([](Peer& peer, int) {
    const std::string request = peer.read_request();
    const bool there = request.find("GET /there ") == 0;
    peer.send(there ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
                    : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  const Shell shell(kEchoes);
  CHECK(shell.tachikoma({"ask", "-f", server.url() + "/there", "Read:"}).out ==
        "Read:\n\n--- " + server.url() + "/there ---\nhello\n");
  const Finished gone = shell.tachikoma({"ask", "-f", server.url() + "/gone", "Read:"});
  CHECK(gone.exit_code == 2);
  CHECK(gone.out.empty());
  CHECK_THAT(gone.err, ContainsSubstring("cannot fetch '" + server.url() + "/gone': curl: ") &&
                           ContainsSubstring("404"));
  const Finished without =
      shell.bash("PATH=/nowhere " + program("tachikoma") + " ask -f http://127.0.0.1:9/ Read < /dev/null");
  CHECK(without.exit_code == 2);
  CHECK_THAT(without.err, ContainsSubstring("apt-get install curl"));
}

TEST_CASE("-t puts the question into a template, with its model, system prompt and settings",
          "[cli][ask][template]") {
  const Shell shell(kWithTools);
  shell.folder().write(
      "prompts/brief.md",
      "---\nmodel: beta\nsystem: Be brief\nmax_tokens: 3\n---\nSay {{input}} to {{input}}\n");
  shell.folder().write("prompts/plain.txt", "Shorten this:\n");
  shell.folder().write(".config/tachikoma/prompts/mine.yaml", "prompt: 'Mine: {{input}}'\n");
  shell.folder().write(".config/tachikoma/prompts/brief.md", "not this one");
  const Finished asked = shell.tachikoma({"ask", "--json", "-t", "brief", "hello"});
  INFO(asked.err);
  const Value reply = json_of(asked.out)["data"];
  CHECK(reply["text"].as_string() == "Say hello to");
  CHECK(reply["model"].as_string() == "beta");
  CHECK(reply["usage"]["prompt_tokens"].as_integer() == 6);  // two of them are the system prompt's
  CHECK(shell.tachikoma({"ask", "-t", "brief", "--max-tokens", "1", "-m", "alpha", "x"}).out == "Say\n");
  CHECK(shell.tachikoma({"ask", "-t", "plain"}, "a long text\n").out == "Shorten this:\n\na long text\n");
  CHECK(shell.tachikoma({"ask", "-t", "mine", "text"}).out == "Mine: text\n");
  CHECK(shell.tachikoma({"ask", "-t", "./prompts/plain.txt", "text"}).out == "Shorten this:\n\ntext\n");
}

TEST_CASE("a template that is not there, or is wrong, is told with what to do", "[cli][ask][template]") {
  const Shell shell(kWithTools);
  const Finished none = shell.tachikoma({"ask", "-t", "brief", "hello"});
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, ContainsSubstring("write it as 'prompts/brief.md'"));
  shell.folder().write("prompts/wrong.md", "---\nmodel: beta\ntemprature: 1\n---\nHello\n");
  shell.folder().write("prompts/other.md", "Hello\n");
  CHECK_THAT(shell.tachikoma({"ask", "-t", "brief", "hello"}).err,
             ContainsSubstring("there are 'other', 'wrong'"));
  CHECK_THAT(shell.tachikoma({"ask", "-t", "othr", "hello"}).err, ContainsSubstring("did you mean 'other'?"));
  const Finished wrong = shell.tachikoma({"ask", "-t", "wrong", "hello"});
  CHECK(wrong.exit_code == 3);
  CHECK_THAT(wrong.err,
             ContainsSubstring("prompts/wrong.md:3:1: ") && ContainsSubstring("did you mean 'temperature'?"));
}

TEST_CASE("--tool without an id, or with a wrong one, lists the tools, or says how to add one",
          "[cli][ask][tool]") {
  const Shell shell(kWithTools);
  std::string said;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"ask", "--tool"},
                                                {"ask", "--tool", "clock", "hello"},
                                                {"ask", "--tool", "parot", "hello"}}) {
    const Finished refused = shell.tachikoma(words);
    CHECK(refused.out.empty());
    said += refused.err;
  }
  const Shell without(kEchoes);
  said += without.tachikoma({"ask", "--tool"}).err;
  check_golden("cli/tools_told.txt", said);
}

TEST_CASE("without a terminal no tool is run that --yes or the configuration does not approve of",
          "[cli][ask][tool]") {
  const Simulator simulator(kCallsTwice);
  const Shell shell(calling(simulator));
  const Finished refused = shell.tachikoma({"ask", "--tool", "parrot", "Ask"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("'parrot'") && ContainsSubstring("--yes"));
  CHECK(simulator.state()["requests"].elements().empty());
  CHECK(shell.tachikoma({"ask", "--tool", "parrot", "-y", "Ask"}).out == "Done.\n");
  CHECK(shell.tachikoma({"ask", "--tool", "tame", "Ask"}).out == "Done.\n");
}

TEST_CASE("on a terminal each call of a tool is shown, and run if the user says so", "[cli][ask][tool]") {
  const Simulator simulator(kCallsTwice);
  const Shell shell(calling(simulator));
  CHECK(results_with_answers(shell, "y\\nyes\\n") == "first\nsecond\n");
  CHECK(results_with_answers(shell, "always\\n") == "first\nsecond\n");
  const std::string mixed = results_with_answers(shell, "what\\nn\\ny\\n");
  CHECK_THAT(mixed,
             ContainsSubstring("the user does not allow this call") && ContainsSubstring("\nsecond\n"));
  const Finished shown =
      shell.bash("printf 'y\\ny\\n' | script -qec 'tachikoma ask --tool parrot Ask' /dev/null");
  CHECK_THAT(shown.out, ContainsSubstring("the model calls echo {\"text\":\"first\"}") ||
                            ContainsSubstring("the model calls echo {\"text\": \"first\"}"));
  CHECK_THAT(shown.out, ContainsSubstring("run it? [y]es, [n]o, [a]lways: "));
}

TEST_CASE("an alias's system prompt is sent, unless the request has one of its own", "[cli][ask][system]") {
  const Simulator simulator;
  const Shell shell("providers: {lmstudio: {base_url: \"" + simulator.base_url() +
                    "\"}}\nmodels: {pirate: {key: openai/gpt-oss-20b, system: Talk like a pirate}}\n");
  const auto sent = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"ask", "-m", "pirate", "Hello"});
    CHECK(shell.tachikoma(more).exit_code == 0);
    std::string texts;
    const Value requests = simulator.state()["requests"];
    for (const Value& message : requests.elements().back()["body"]["messages"].elements())
      texts += std::string(message["role"].as_string()) + ": " + std::string(message["content"].as_string()) +
               "\n";
    return texts;
  };
  CHECK(sent({}) == "system: Talk like a pirate\nuser: Hello\n");
  CHECK(sent({"-s", "Be kind"}) == "system: Be kind\nuser: Hello\n");
}

TEST_CASE("embed takes the model of defaults.embedding_model, or the only one that the servers have",
          "[cli][embed]") {
  const Simulator simulator;
  const std::string server = "providers: {lmstudio: {base_url: \"" + simulator.base_url() + "\"}}\n";
  const auto model_of = [](const Finished& embedded) {
    INFO(embedded.err);
    return std::string(json_of(embedded.out)["data"]["model"].as_string());
  };
  const Shell shell(server +
                    "models: {vectors: {key: text-embedding-nomic-embed-text-v1.5}}\n"
                    "defaults: {model: openai/gpt-oss-20b, embedding_model: vectors}\n");
  CHECK(model_of(shell.tachikoma({"embed", "--json", "text"})) == "text-embedding-nomic-embed-text-v1.5");
  const Shell only(server + "defaults: {model: openai/gpt-oss-20b}\n");
  CHECK(model_of(only.tachikoma({"embed", "--json", "text"})) == "text-embedding-nomic-embed-text-v1.5");
}
