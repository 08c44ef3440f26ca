// SPDX-License-Identifier: MIT
// Analyses a document on standard input: the answer is an object of a C++ type, checked before it is used.
//   usage: document_analyzer CONFIG MODEL < DOCUMENT
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

enum class Sentiment { positive, neutral, negative };
TACHIKOMA_ENUM(Sentiment, positive, neutral, negative);

struct Analysis {
  std::string summary;
  std::vector<std::string> key_points;
  Sentiment sentiment = Sentiment::neutral;
  std::vector<std::string> recommendations;
};
TACHIKOMA_FIELDS(Analysis, (summary, "In one sentence"), (key_points, "The three most important"), sentiment,
                 (recommendations, "What the reader should do next"));

namespace {

void print(const char* title, const std::vector<std::string>& points) {
  std::cout << title << ":\n";
  for (const std::string& point : points) std::cout << "- " << point << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: document_analyzer CONFIG MODEL < DOCUMENT\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  const std::string document(std::istreambuf_iterator<char>(std::cin), {});
  const auto [analysis, reply] =
      runtime
          .generate_object<Analysis>(
              {.model = argv[2],
               .messages = {system_prompt("Analyse the document: summary, key points, sentiment, "
                                          "recommendations."),
                            user(document)},
               .settings = {.max_tokens = 2000, .reasoning_effort = ReasoningEffort::high}})
          .value();
  if (reply.channels.contains(Channel::thinking))
    std::cout << "Reasoning: " << reply.channels[Channel::thinking] << "\n\n";
  std::cout << "Summary: " << analysis.summary << '\n';
  print("Key points", analysis.key_points);
  std::cout << "Sentiment: " << to_value(analysis.sentiment).as_string() << '\n';
  print("Recommendations", analysis.recommendations);
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
