// SPDX-License-Identifier: MIT
#include "model/knowledge.hpp"

#include <array>
#include <utility>

namespace lmstudio_sim {
namespace {

using Fact = std::pair<std::string_view, std::string_view>;

constexpr std::array<Fact, 18> kCapitals{{{"france", "The capital of France is Paris."},
                                          {"germany", "The capital of Germany is Berlin."},
                                          {"italy", "The capital of Italy is Rome."},
                                          {"spain", "The capital of Spain is Madrid."},
                                          {"portugal", "The capital of Portugal is Lisbon."},
                                          {"poland", "The capital of Poland is Warsaw."},
                                          {"austria", "The capital of Austria is Vienna."},
                                          {"greece", "The capital of Greece is Athens."},
                                          {"sweden", "The capital of Sweden is Stockholm."},
                                          {"norway", "The capital of Norway is Oslo."},
                                          {"england", "The capital of England is London."},
                                          {"japan", "The capital of Japan is Tokyo."},
                                          {"china", "The capital of China is Beijing."},
                                          {"india", "The capital of India is New Delhi."},
                                          {"canada", "The capital of Canada is Ottawa."},
                                          {"brazil", "The capital of Brazil is Brasília."},
                                          {"australia", "The capital of Australia is Canberra."},
                                          {"egypt", "The capital of Egypt is Cairo."}}};

constexpr std::array<Fact, 7> kSubjects{
    {{"quantum computing",
      "Quantum computing stores information in qubits, which can be in several states at once. Gates let the "
      "wrong "
      "answers cancel out and the right ones add up, so some problems, such as factoring, need far fewer "
      "steps."},
     {"machine learning",
      "Machine learning fits a function to examples in place of writing it by hand; what it learns is as "
      "good as "
      "its examples."},
     {"photosynthesis",
      "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen; leaves do it in their "
      "chloroplasts."},
     {"sky blue", "The sky is blue because air scatters short waves of light more than long ones."},
     {"relativity",
      "Relativity says that the speed of light is the same for everyone, so time and length depend on "
      "motion, and "
      "that mass bends both."},
     {"local model", "A local model runs on your own machine: nothing you write leaves it."},
     {"lm studio", "LM Studio runs language models on your own machine and serves them over HTTP."}}};

}  // namespace

std::optional<std::string> recall(std::string_view lower) {
  if (lower.find("capital of ") != std::string_view::npos)
    for (const auto& [country, sentence] : kCapitals)
      if (lower.find(country) != std::string_view::npos) return std::string(sentence);
  for (const auto& [subject, sentences] : kSubjects)
    if (lower.find(subject) != std::string_view::npos) return std::string(sentences);
  return std::nullopt;
}

}  // namespace lmstudio_sim
