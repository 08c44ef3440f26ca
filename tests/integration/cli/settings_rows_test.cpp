// SPDX-License-Identifier: MIT
// Every setting of LM Studio's document, from the configuration file to what reaches the server: one table.
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/golden.hpp"
#include "support/loopback_server.hpp"
#include "support/process.hpp"
#include "support/simulator.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// One line of the table, written in the configuration as "KEY: VALUE".
struct Row {
  std::string key, value;
  std::string field;      ///< where the server should see it; empty: nowhere
  std::string name = {};  ///< of the setting, as `ps --json` tells it again; empty: `key`

  const std::string& setting() const { return name.empty() ? key : name; }
};

// The models file, so that a number of layers can be counted.
void add_model_file(const TempDir& home) {
  GgufWriter file;
  file.add("general.architecture", "llama");
  file.add("llama.block_count", std::uint32_t{32});
  home.write(".lmstudio/models/lmstudio-community/mistral-7b-GGUF/mistral-7b-Q8_0.gguf", file.head());
}

std::string line(const Row& row, const std::string& sent, const std::string& read, const std::string& fate) {
  return row.key + ": " + row.value + " | " + sent + " | " + read + " | " + fate + "\n";
}

// A user whose file has these rows for the model "chat".
class User {
 public:
  User(const Simulator& simulator, const std::vector<Row>& rows, const std::string& key = "mistral-7b")
      : simulator_(simulator), shell_(config(simulator, rows, key)) {
    add_model_file(shell_.folder());
  }

  Finished run(const std::vector<std::string>& words) const { return shell_.tachikoma(words); }
  /// The body of the last request there.
  Value seen(std::string_view path) const {
    const Value state = simulator_.state();
    Value last;
    for (const Value& request : state["requests"].elements())
      if (request["path"].as_string() == path) last = request["body"];
    return last;
  }

 private:
  static std::string config(const Simulator& simulator, const std::vector<Row>& rows,
                            const std::string& key) {
    std::string text = "providers:\n  lmstudio: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                       "'}\nmodels:\n  chat:\n    provider: lmstudio\n    key: " + key + "\n";
    for (const Row& row : rows) text += "    " + row.key + ": " + row.value + "\n";
    return text;
  }

  const Simulator& simulator_;
  Shell shell_;
};

std::string refusal_of(const Finished& run) {
  const Value error = json_of(run.err)["error"];
  return "refused, " + std::string(error["code"].as_string()) + ": " +
         std::string(error["message"].as_string());
}

// What the load was sent: a field of its configuration, or a parameter beside it.
Value sent_field(const Value& load, const std::string& field) {
  for (const Value& each :
       load["loadConfigStack"]["layers"].elements().front()["config"]["fields"].elements())
    if (each["key"].as_string() == field) return each["value"];
  return load[field];
}

// Loads with all rows at once, and asks `ps` what became of each.
std::string load_rows(const Simulator& simulator, const std::vector<Row>& rows) {
  simulator.reset();
  const User user(simulator, rows);
  const Finished loaded = user.run({"load", "chat", "--json"});
  std::string out;
  if (loaded.exit_code != 0) {
    for (const Row& row : rows) out += line(row, "", "", refusal_of(loaded));
    return replace_all(out, simulator.base_url(), "http://host");
  }
  const Value load = user.seen("/llm/loadModel");
  const Value unapplied = json_of(loaded.out)["data"]["unapplied"];
  const std::string instance(json_of(loaded.out)["data"]["instance"].as_string());
  const Value listed = json_of(user.run({"ps", "--json"}).out);
  Value status;
  for (const Value& each : listed["data"]["models"].elements())
    if (each["instance"].as_string() == instance) status = each;
  for (const Row& row : rows) {
    const Value sent = sent_field(load, row.field);
    std::string fate = sent.is_null() ? "LOST" : "delivered";
    for (const Value& each : unapplied.elements())
      if (each["name"].as_string() == row.setting())
        fate = "reported: " + std::string(each["reason"].as_string());
    const Value& read = status["config"][row.setting()];
    out += line(row, row.field + " = " + base::to_json(sent), base::to_json(read), fate);
  }
  if (rows.front().key == "context_length")
    out += "  memory of ps | " + std::string(status["memory_bytes"]["source"].as_string()) + ", " +
           std::string(status["memory_bytes"]["basis"].as_string()) + "\n";
  if (rows.front().key == "n_gpu_layers")
    out += "  gpu_layers of ps | " + base::to_json(status["gpu_layers"]["value"]) + " of " +
           base::to_json(status["total_layers"]["value"]) + " | " +
           std::string(status["gpu_layers"]["source"].as_string()) + "\n";
  return out;
}

std::string sampling_rows(const Simulator& simulator, const std::vector<Row>& rows,
                          const std::string& key = "mistral-7b") {
  simulator.reset();
  const User user(simulator, rows, key);
  const Finished asked = user.run({"ask", "-m", "chat", "--json", "Hello"});
  std::string out;
  const Value body = asked.exit_code == 0 ? user.seen("/v1/chat/completions") : Value();
  for (const Row& row : rows) {
    if (asked.exit_code != 0)
      out += line(row, "", "", refusal_of(asked));
    else if (row.field.empty())
      out += line(row, "nothing", "", "off, which LM Studio is");
    else
      out += line(row, row.field + " = " + base::to_json(body[row.field]), "",
                  body.find(row.field) ? "delivered" : "LOST");
  }
  return out;
}

// A context that does not fit is the host's to make smaller.
std::string reduction_row() {
  const Simulator small("memory: 6GB\nmodels: [{key: mistral-7b, size: 4GB}]\n");
  const Row row{"context_size_reduction", "0.5", ""};
  const User user(small, {{"context_length", "32768", ""}, row});
  const Value data = json_of(user.run({"load", "chat", "--json"}).out)["data"];
  return line(row, "context_length = " + base::to_json(data["applied"]["context_length"]), "",
              "the host's: 32768 does not fit");
}

// The server's own settings reach it when it is started: LM Studio is running, but its HTTP server is off.
std::string server_rows() {
  Process studio({.argv = {program("lmstudio-sim"), "--port", "0", "--http-off", "--sdk-port", "0",
                           "--exit-with-stdin"}});
  const std::string sdk_port =
      std::to_string(parse_json(studio.read_line()).value()["sdk_port"].as_integer());
  const std::string port = std::to_string(refused_port());
  const Shell shell(
      "providers:\n  lmstudio: {plugin: lmstudio, base_url: auto, start_server: true, host: 127.0.0.1, "
      "port: " +
      port + ", cors: true}\nverbose: true\ndefaults: {model: lmstudio::current}\n");
  Command ask = shell.command({"ask", "Hello"});
  ask.env.emplace_back("TACHIKOMA_LMSTUDIO_SDK_PORTS", sdk_port);
  const Finished asked = run(ask);
  INFO(asked.err);
  CHECK(asked.exit_code == 0);
  const Value state = parse_json(shell.bash("curl -s http://127.0.0.1:" + port + "/__sim/state").out).value();
  Value started, chat;
  for (const Value& request : state["requests"].elements()) {
    if (request["path"].as_string() == "/system/startHttpServer") started = request["body"];
    if (request["path"].as_string() == "/v1/chat/completions") chat = request["body"];
  }
  std::string out;
  for (const Row& row : std::vector<Row>{
           {"host", "127.0.0.1", "networkInterface"}, {"port", "PORT", "port"}, {"cors", "true", "cors"}})
    out += line(row, "startHttpServer " + row.field + " = " + base::to_json(started[row.field]), "",
                started[row.field].is_null() ? "LOST" : "delivered");
  const bool forwarded = asked.err.find("lmstudio server: ") != std::string::npos;
  out += line({"verbose", "true", ""}, "streamLogs", "", forwarded ? "its log is forwarded" : "LOST");
  out += line({"model", "lmstudio::current", ""}, "model = " + base::to_json(chat["model"]), "",
              chat.is_null() ? "LOST" : "delivered");
  return replace_all(out, port, "PORT");
}

}  // namespace

TEST_CASE("every setting of the document is delivered, or refused or reported under its name",
          "[cli][load][settings]") {
  const Simulator simulator;
  const std::string offload = "llm.load.llama.acceleration.offloadRatio";
  std::string table = "setting | what LM Studio got | what ps reads back | fate\n";
  table += load_rows(simulator, {{"context_length", "16384", "llm.load.contextLength"},
                                 {"n_batch", "256", "llm.load.llama.evalBatchSize", "batch_size"},
                                 {"micro_batch_size", "128", "llm.load.llama.physicalBatchSize"},
                                 {"threads", "6", "llm.load.llama.cpuThreadPoolSize"},
                                 {"use_mlock", "false", "llm.load.llama.keepModelInMemory"},
                                 {"use_mmap", "false", "llm.load.llama.tryMmap"},
                                 {"offload_kqv", "false", "llm.load.offloadKVCacheToGpu"},
                                 {"flash_attention", "true", "llm.load.llama.flashAttention"},
                                 {"cache_type_k", "q8_0", "llm.load.llama.kCacheQuantizationType"},
                                 {"cache_type_v", "q4_0", "llm.load.llama.vCacheQuantizationType"},
                                 {"rope_frequency_base", "10000", "llm.load.llama.ropeFrequencyBase"},
                                 {"rope_frequency_scale", "0.5", "llm.load.llama.ropeFrequencyScale"},
                                 {"parallel", "2", "llm.load.numParallelSessions"},
                                 {"load", "{seed: 42}", "llm.load.seed", "seed"},
                                 {"ttl", "1h", "ttlMs"},
                                 {"identifier", "chatty", "identifier"}});
  for (const char* layers : {"-1", "0", "8", "50%"})
    table += load_rows(simulator, {{"n_gpu_layers", layers, offload, "gpu_layers"}});
  for (const Row& row : std::vector<Row>{{"gpu_split_mode", "layer", "load.gpuSplitConfig"},
                                         {"gpu_split_mode", "row", ""},
                                         {"main_gpu", "0", "load.gpuSplitConfig"},
                                         {"tensor_split", "[0.5, 0.5]", "load.gpuSplitConfig"},
                                         {"tensor_split", "[1.0]", "load.gpuSplitConfig", "main_gpu"}})
    table += load_rows(simulator, {row});
  table += sampling_rows(simulator, {{"temperature", "0.7", "temperature"},
                                     {"top_p", "0.9", "top_p"},
                                     {"top_k", "40", "top_k"},
                                     {"repeat_penalty", "1.1", "repeat_penalty"},
                                     {"presence_penalty", "0.5", "presence_penalty"},
                                     {"frequency_penalty", "0.25", "frequency_penalty"},
                                     {"stop_sequences", "[END]", "stop"},
                                     {"max_tokens", "64", "max_tokens"},
                                     {"mirostat", "0", ""}});
  table += sampling_rows(simulator, {{"mirostat", "2", ""}});
  table += sampling_rows(simulator, {{"reasoning_effort", "low", "reasoning_effort"}}, "openai/gpt-oss-20b");
  table += reduction_row() + server_rows();
  check_golden("cli/settings_rows.txt", table);
  CHECK_THAT(table, !ContainsSubstring("LOST"));
}
