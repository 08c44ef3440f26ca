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
  chat                        Chats with a model
  embed                       Turns texts into vectors
  count                       Counts the tokens of a prompt
  models                      Lists the models of every server
  load                        Loads a model into memory
  unload                      Unloads a model from memory
  ps                          Lists the models in memory, and what they are doing
  download                    Downloads a model to a server
  status                      Checks whether every server answers
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
    "Text from a pipe is added after TEXT; - reads the whole question from the pipe.",
    "",
    R"(  tachikoma ask "Why is the sky blue?"
  git diff | tachikoma ask -m small "Write a commit message for this change"
  tachikoma ask --schema person.json "Who wrote Faust?" | jq .name
)"};
inline constexpr Page kChatPage{
    "[OPTIONS]",
    "Chats with a model. /help lists the commands, such as switching to another model or\n"
    "starting over. A \\ at the end of a line continues it; ^C stops an answer, ^D exits.",
    "",
    R"(  tachikoma chat -m openai/gpt-oss-20b -s "Answer in one sentence"
)"};
inline constexpr Page kEmbedPage{
    "[OPTIONS] [TEXT...|-]",
    "Turns texts into vectors, and prints one JSON array per line, in the same order.\n"
    "Each TEXT is one text; without TEXT, or with -, each line from a pipe is one.",
    "",
    R"(  tachikoma embed -m text-embedding-nomic-embed-text-v1.5 "first text" "second text"
  tachikoma embed -m text-embedding-nomic-embed-text-v1.5 < lines.txt
)"};
inline constexpr Page kCountPage{
    "[OPTIONS] [TEXT|-]",
    "Counts the tokens of a question, as the server counts them: with the system\n"
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
    "Loads a model into memory and prints its address. Settings that are not given here are those of\n"
    "the configuration, else the server's. ^C cancels the load on the server too.",
    "",
    R"(  tachikoma load openai/gpt-oss-20b --context 16384 --gpu-layers all --ttl 1h
  tachikoma load openai/gpt-oss-120b --estimate-only
)"};
inline constexpr Page kUnloadPage{"[OPTIONS] MODEL|--all",
                                  "Unloads a model and prints the address of each instance that was\n"
                                  "unloaded. The name of an instance unloads only that instance.",
                                  "",
                                  R"(  tachikoma unload openai/gpt-oss-20b
  tachikoma unload --all
)"};
inline constexpr Page kPsPage{
    "[OPTIONS]",
    "Lists the models in memory and what they are doing, most recently used first.\n"
    "- marks what the server does not report, ~ an estimate.",
    "",
    R"(  tachikoma ps
)"};
inline constexpr Page kDownloadPage{
    "[OPTIONS] MODEL",
    "Downloads a model to a server, and waits until it is there. MODEL is a name in the server's\n"
    "catalogue, or a URL that it accepts; with several servers, use provider::MODEL.",
    "",
    R"(  tachikoma download ibm/granite-4-micro
)"};
inline constexpr Page kStatusPage{
    "[OPTIONS]", "Checks that every server answers, is of the right kind, and accepts the key.", "",
    R"(  tachikoma status
)"};
inline constexpr Page kDoctorPage{
    "[OPTIONS] [PROVIDER]",
    "Finds out what is wrong with a server or the connection to it, and why its model is slow.\n"
    "Loads nothing without --load. A model that is in memory answers once, for the measurement.",
    "",
    R"(  tachikoma doctor
  tachikoma doctor --load
  tachikoma doctor --json lmstudio
)"};
inline constexpr Page kPluginPage{
    "list|info [OPTIONS] ...", "Shows the plugins and what they provide.",
    R"(  list                        All plugins that are found, including refused ones
  info NAME|FILE              Everything in one plugin's note
)",
    R"(  tachikoma plugin list
)"};
inline constexpr Page kPluginListPage{
    "[OPTIONS]",
    "Lists every plugin that is found, including refused ones with the reason.\n"
    "Reads only the files' notes; runs none of their code.",
    "",
    R"(  tachikoma plugin list --plugin-path ./build/plugins
)"};
inline constexpr Page kPluginInfoPage{"[OPTIONS] NAME|FILE", "Shows everything in one plugin's note.", "",
                                      R"(  tachikoma plugin info lmstudio
  tachikoma plugin info ./build/plugins/mine.so
)"};
inline constexpr Page kConfigPage{
    "check|show|path [OPTIONS] ...", "Checks and explains the configuration.",
    R"(  check [FILE]                Checks it, and lists every error with its place
  show                        Every value in effect, and where it came from
  path                        The file in use
)",
    R"(  tachikoma config check tachikoma.yaml
)"};
inline constexpr Page kConfigCheckPage{
    "[OPTIONS] [FILE]", "Checks a configuration and lists every error with its place. Contacts no server.",
    "",
    R"(  tachikoma config check tachikoma.yaml
)"};
inline constexpr Page kConfigShowPage{
    "[OPTIONS]", "Prints every value in effect and where it came from. Secrets are hidden.", "",
    R"(  tachikoma config show
)"};
inline constexpr Page kConfigPathPage{"[OPTIONS]", "Prints the path of the configuration file in use.", "",
                                      R"(  tachikoma config path
)"};

}  // namespace tachikoma::cli
