// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "interrupt.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "read_text.hpp"
#include "session.hpp"
#include "verbs.hpp"
#include "waiting_line.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Result<std::vector<std::string>> read_texts(const Options& options, Output& output) {
  const bool from_stdin = options.words.empty() || (options.words.size() == 1 && options.words[0] == "-");
  std::vector<std::string> texts = options.words;
  if (from_stdin) {
    TACHIKOMA_TRY(const std::string input, read_stdin(output));
    texts = lines_of(input);
  }
  for (const std::string& text : texts) {
    if (!is_text(text)) return Error(ErrorCode::invalid_argument, "a text to embed is not UTF-8 text");
    if (text.empty())
      return Error(ErrorCode::invalid_argument, "a text to embed is empty", "leave empty lines out");
  }
  if (texts.empty())
    return Error(ErrorCode::invalid_argument, "there is no text to embed",
                 "for example: tachikoma embed \"first text\" \"second text\"");
  return texts;
}

Value numbers(const std::vector<float>& vector) {
  return base::array_of(vector, [](float each) { return static_cast<double>(each); });
}

int run_embed(const Options& options, Output& output) {
  Result<std::vector<std::string>> texts = read_texts(options, output);
  if (!texts) return output.fail(texts.error());
  Result<Runtime> runtime = open_runtime(options);
  if (!runtime) return output.fail(runtime.error());
  Interrupts interrupts;
  StopOnInterrupt stop(interrupts);
  WaitingLine wait(output);
  wait.begin();
  const Result<EmbeddingReply> reply =
      runtime->embed({.model = options.model, .texts = *std::move(texts), .stop = stop.token()});
  wait.end();
  if (!reply) return fail(reply.error(), stop, options, output);
  if (options.json) {
    output.print_json("embeddings", to_value(*reply));
  } else {
    for (const std::vector<float>& vector : reply->vectors) output.print(to_json(numbers(vector)) + "\n");
  }
  return output.finish(0);
}

}  // namespace

const Verb kEmbed{
    .name = "embed",
    .brief = "Turns texts into vectors",
    .usage = "[OPTIONS] [TEXT...|-]",
    .summary =
        "Turns texts into vectors, and prints one JSON array per line, in the same order.\n"
        "Each TEXT is one text; without TEXT, or with -, each line from a pipe is one.\n"
        "Without -m, the model is the configuration's for embeddings, or the only one there is.",
    .example = R"(  tachikoma embed -m text-embedding-nomic-embed-text-v1.5 "first text" "second text"
  tachikoma embed < lines.txt
)",
    .add_options = add_model,
    .words = Words::any,
    .uses_models = true,
    .run = run_embed};

}  // namespace tachikoma::cli
