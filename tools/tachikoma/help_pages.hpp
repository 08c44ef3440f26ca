// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma::cli {

/// A help page without the options, which the parser prints.
struct Page {
  std::string_view usage;
  std::string_view summary;
  std::string_view commands;  ///< of a group: the verbs that it has
  std::string_view example;
};

inline constexpr Page kRootPage{
    "[OPTIONS] COMMAND ...",
    "Talks to local language models: LM Studio, or any server that its plugins know.",
    R"(  ask                         Answers one question
  chat                        Talks, turn by turn
  embed                       Turns texts into vectors
  count                       Counts the tokens of a prompt
  models                      Lists the models of every server
  load                        Loads a model into memory
  unload                      Removes a model from memory
  ps                          Lists the models in memory, and what they are doing
  download                    Fetches a model to a server
  status                      Says whether every server answers, and what it is
  doctor                      Finds out what is wrong, and what to do about it
  plugin list|info            Shows the plugins and what they provide
  config check|show|path      Checks and explains the configuration
)",
    R"(  tachikoma ask "Why is the sky blue?"
  tachikoma ask --help
)"};
inline constexpr Page kAskPage{
    "[OPTIONS] [TEXT|-]",
    "Asks a model one question and prints the answer as it comes.\n"
    "What comes through a pipe is added after TEXT; - takes the whole question from there.",
    "",
    R"(  tachikoma ask "Why is the sky blue?"
  git diff | tachikoma ask -m small "Write a commit message for this change"
  tachikoma ask --schema person.json "Who wrote Faust?" | jq .name
)"};
inline constexpr Page kChatPage{
    "[OPTIONS]",
    "Talks with a model, turn by turn. /help lists what can be done in between: another model,\n"
    "a new start. A line that ends in \\ goes on in the next one; ^C stops an answer, ^D leaves.",
    "",
    R"(  tachikoma chat -m openai/gpt-oss-20b -s "Answer in one sentence"
)"};
inline constexpr Page kEmbedPage{
    "[OPTIONS] [TEXT...|-]",
    "Turns texts into vectors, and prints one JSON array a line, in the texts' order.\n"
    "Each TEXT is one; without any, or with -, each line that comes through a pipe is.",
    "",
    R"(  tachikoma embed -m text-embedding-nomic-embed-text-v1.5 "first text" "second text"
  tachikoma embed -m text-embedding-nomic-embed-text-v1.5 < lines.txt
)"};
inline constexpr Page kCountPage{
    "[OPTIONS] [TEXT|-]",
    "Counts the tokens that a question would take, as its server counts them: with the system\n"
    "prompt and the model's template.",
    "",
    R"(  tachikoma count -m small -f report.txt "Summarize this"
)"};
inline constexpr Page kModelsPage{"[OPTIONS]", "Lists the models of every server, loaded or not.", "",
                                  R"(  tachikoma models
  tachikoma models --names --loaded
)"};
inline constexpr Page kLoadPage{
    "[OPTIONS] MODEL",
    "Loads a model into memory and prints the address of what was loaded. What is not set here is as\n"
    "the configuration says, else as the server likes it. ^C ends the load on the server too.",
    "",
    R"(  tachikoma load openai/gpt-oss-20b --context 16384 --gpu-layers all --ttl 1h
  tachikoma load openai/gpt-oss-120b --estimate-only
)"};
inline constexpr Page kUnloadPage{"[OPTIONS] MODEL|--all",
                                  "Removes a model from memory and prints the address of each instance\n"
                                  "that was removed. The name of an instance removes that one alone.",
                                  "",
                                  R"(  tachikoma unload openai/gpt-oss-20b
  tachikoma unload --all
)"};
inline constexpr Page kPsPage{
    "[OPTIONS]",
    "Lists the models in memory, and what they are doing; the one used last first.\n"
    "- is what the server does not say, ~ an estimate.",
    "",
    R"(  tachikoma ps
)"};
inline constexpr Page kDownloadPage{
    "[OPTIONS] MODEL",
    "Fetches a model to a server, and ends when it is there. MODEL is what the server's catalogue\n"
    "calls it, or a URL that the server takes; with several servers, provider::MODEL says which.",
    "",
    R"(  tachikoma download ibm/granite-4-micro
)"};
inline constexpr Page kStatusPage{
    "[OPTIONS]", "Asks every server whether it is there, what it is, and whether we may use it.", "",
    R"(  tachikoma status
)"};
inline constexpr Page kDoctorPage{
    "[OPTIONS] [PROVIDER]",
    "Finds out what is wrong with a server and the way to it, and why its model is slow.\n"
    "Loads nothing without --load; a model that is in memory answers once, to measure it.",
    "",
    R"(  tachikoma doctor
  tachikoma doctor --load
  tachikoma doctor --json lmstudio
)"};
inline constexpr Page kPluginPage{
    "list|info [OPTIONS] ...", "Shows the plugins and what they provide.",
    R"(  list                        Every plugin that is found, also those that are refused
  info NAME|FILE              All that one plugin says of itself
)",
    R"(  tachikoma plugin list
)"};
inline constexpr Page kPluginListPage{
    "[OPTIONS]",
    "Lists every plugin that is found, also those that are refused, and why.\n"
    "Reads the notes of the files; runs no code of theirs.",
    "",
    R"(  tachikoma plugin list --plugin-path ./build/plugins
)"};
inline constexpr Page kPluginInfoPage{"[OPTIONS] NAME|FILE", "Shows all that one plugin says of itself.", "",
                                      R"(  tachikoma plugin info lmstudio
  tachikoma plugin info ./build/plugins/mine.so
)"};
inline constexpr Page kConfigPage{
    "check|show|path [OPTIONS] ...", "Checks and explains the configuration.",
    R"(  check [FILE]                Reads it, and names every error with its place
  show                        Every value in force, and where it came from
  path                        The file that is used
)",
    R"(  tachikoma config check tachikoma.yaml
)"};
inline constexpr Page kConfigCheckPage{
    "[OPTIONS] [FILE]", "Reads a configuration and names every error with its place. Asks no server.", "",
    R"(  tachikoma config check tachikoma.yaml
)"};
inline constexpr Page kConfigShowPage{
    "[OPTIONS]", "Prints every value in force and where it came from. Secrets are hidden.", "",
    R"(  tachikoma config show
)"};
inline constexpr Page kConfigPathPage{"[OPTIONS]", "Prints the configuration file that is used.", "",
                                      R"(  tachikoma config path
)"};

}  // namespace tachikoma::cli
