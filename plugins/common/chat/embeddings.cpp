// SPDX-License-Identifier: MIT
#include "common/chat/embeddings.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <simdjson.h>
#include <utility>
#include <vector>

#include "base/excerpt.hpp"
#include "base/json.hpp"

namespace tachikoma::kit {
namespace {

namespace dom = simdjson::dom;

// Empty if the entry is not a list of numbers that a float can hold; a vector is never empty.
std::vector<float> read_vector(const dom::element& entry) {
  dom::array numbers;
  if (entry["embedding"].get(numbers)) return {};
  std::vector<float> vector;
  vector.reserve(numbers.size());
  for (const dom::element number : numbers) {
    double value = 0;
    if (number.get(value) || std::abs(value) > std::numeric_limits<float>::max()) return {};
    vector.push_back(static_cast<float>(value));
  }
  return vector;
}

// Puts each vector at its index. Returns what is wrong, or an empty string.
std::string place_vectors(const dom::array& data, std::vector<std::vector<float>>& vectors) {
  std::uint64_t position = 0;
  for (const dom::element entry : data) {
    std::uint64_t index = position;
    if (const auto failure = entry["index"].get(index); failure && failure != simdjson::NO_SUCH_FIELD)
      return "the index of vector " + std::to_string(position) + " is not a number";
    const std::string name = "the vector of text " + std::to_string(index);
    if (index >= vectors.size()) return name + " was not asked for";
    if (!vectors[index].empty()) return name + " occurs twice";
    vectors[index] = read_vector(entry);
    if (vectors[index].empty()) return name + " is not a list of numbers within the range of a float";
    ++position;
  }
  if (position != vectors.size())
    return std::to_string(vectors.size()) + " texts were sent, and " + std::to_string(position) +
           " vectors came";
  for (const std::vector<float>& vector : vectors)
    if (vector.size() != vectors.front().size())
      return "one vector has " + std::to_string(vectors.front().size()) + " numbers, another " +
             std::to_string(vector.size());
  return {};
}

}  // namespace

std::string write_embedding_request(std::string_view model, std::span<const std::string> texts) {
  std::string out = R"({"model":)";
  base::append_json_string(out, model);
  out += R"(,"input":[)";
  for (const std::string& text : texts) {
    if (&text != &texts.front()) out += ',';
    base::append_json_string(out, text);
  }
  return out += "]}";
}

Result<Embeddings> read_embeddings(std::string_view body, std::size_t count, std::string_view source) {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::protocol, "the embeddings of " + std::string(source) + " can't be used: " + why,
                 "check that the model is one for embeddings");
  };
  dom::parser parser;
  dom::element reply;
  dom::array data;
  if (parser.parse(body.data(), body.size()).get(reply) || reply["data"].get(data))
    return refuse("'" + base::excerpt(body) + "' is not a list of vectors");
  Embeddings embeddings;
  embeddings.vectors.resize(count);
  if (const std::string wrong = place_vectors(data, embeddings.vectors); !wrong.empty()) return refuse(wrong);
  if (std::string_view model; !reply["model"].get(model)) embeddings.served_model = model;
  // LM Studio writes 0 for what it does not count
  if (std::int64_t tokens = 0; !reply["usage"]["prompt_tokens"].get(tokens) && tokens > 0)
    embeddings.usage.prompt_tokens = tokens;
  return embeddings;
}

}  // namespace tachikoma::kit
