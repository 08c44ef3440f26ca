// SPDX-License-Identifier: MIT
// Finds the line of standard input that means most nearly the same as a question, by an embedding model.
//   usage: similar_texts CONFIG MODEL QUESTION < LINES
#include <cmath>
#include <cstddef>
#include <iostream>
#include <string>
#include <vector>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

// The cosine of the angle between them: 1 for the same direction.
double similarity(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += a[i] * b[i];
    square_a += a[i] * a[i];
    square_b += b[i] * b[i];
  }
  return product / std::sqrt(square_a * square_b);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: similar_texts CONFIG MODEL QUESTION < LINES\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  std::vector<std::string> texts{argv[3]};
  for (std::string line; std::getline(std::cin, line);) texts.push_back(line);

  const EmbeddingReply reply = runtime.embed({.model = argv[2], .texts = texts}).value();
  std::size_t best = 0;
  for (std::size_t i = 1; i < texts.size(); ++i)
    if (best == 0 ||
        similarity(reply.vectors[0], reply.vectors[i]) > similarity(reply.vectors[0], reply.vectors[best]))
      best = i;
  if (best > 0) std::cout << texts[best] << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
