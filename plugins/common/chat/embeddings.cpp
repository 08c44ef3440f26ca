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
#include "common/chat/lenient_json.hpp"

namespace tachikoma::kit {
namespace {

using simdjson::ondemand::array;
using simdjson::ondemand::object;

// Empty if the value is not a list of numbers that a float can hold; a vector is never empty.
std::vector<float> read_vector(Json& value, std::size_t expected) {
  array numbers;
  if (value.get_array().get(numbers)) return {};
  std::vector<float> vector;
  vector.reserve(expected);
  for (auto number : numbers) {
    double read = 0;
    if (number.get_double().get(read) || std::abs(read) > std::numeric_limits<float>::max()) return {};
    vector.push_back(static_cast<float>(read));
  }
  return vector;
}

// The vectors of a reply, each at its index.
class Vectors {
 public:
  explicit Vectors(std::vector<std::vector<float>>& vectors) : vectors_(vectors) {}

  // False at the first that is wrong, or where the JSON is.
  bool place(array& data) {
    for (auto each : data) {
      object entry;
      const simdjson::error_code failure = each.get_object().get(entry);
      if (failure == simdjson::INCORRECT_TYPE) return refuse(index_of(position_) + " is not a number");
      if (failure) return false;
      if (!place(entry)) return false;
      ++position_;
    }
    return true;
  }

  // What is wrong with the first that is wrong, or an empty string.
  const std::string& wrong() const { return wrong_; }
  // What is wrong with all of them, or an empty string.
  std::string mismatch() const {
    if (position_ != vectors_.size())
      return std::to_string(vectors_.size()) + " texts were sent, and " + std::to_string(position_) +
             " vectors came";
    for (const std::vector<float>& vector : vectors_)
      if (vector.size() != vectors_.front().size())
        return "one vector has " + std::to_string(vectors_.front().size()) + " numbers, another " +
               std::to_string(vector.size());
    return {};
  }

 private:
  bool place(object& entry) {
    std::uint64_t index = position_;
    std::vector<float> vector;
    bool numbered = true;
    const bool sound = for_each_member(entry, [&](std::string_view key, Json& value) {
      if (key == "index") numbered = !value.get_uint64().get(index);
      if (key == "embedding" && vector.empty()) vector = read_vector(value, usual_);
      return true;
    });
    if (!sound) return false;
    if (!numbered) return refuse(index_of(position_) + " is not a number");
    const auto named = [&] { return "the vector of text " + std::to_string(index); };
    if (index >= vectors_.size()) return refuse(named() + " was not asked for");
    if (!vectors_[index].empty()) return refuse(named() + " occurs twice");
    if (vector.empty()) return refuse(named() + " is not a list of numbers within the range of a float");
    usual_ = vector.size();
    vectors_[index] = std::move(vector);
    return true;
  }

  static std::string index_of(std::uint64_t position) {
    return "the index of vector " + std::to_string(position);
  }
  bool refuse(std::string why) {
    wrong_ = std::move(why);
    return false;
  }

  std::vector<std::vector<float>>& vectors_;
  std::uint64_t position_ = 0;
  std::size_t usual_ = 0;  // numbers in one
  std::string wrong_;
};

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
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document reply;
  object root;
  Embeddings embeddings;
  embeddings.vectors.resize(count);
  Vectors vectors(embeddings.vectors);
  bool listed = false;
  const bool sound =
      !parser.iterate(simdjson::padded_string_view(body.data(), body.size(), body.size() + kTailRoom))
           .get(reply) &&
      !reply.get_object().get(root) &&
      for_each_member(root,
                      [&](std::string_view key, Json& value) {
                        array data;
                        std::string_view model;
                        object usage;
                        std::int64_t tokens = 0;
                        if (key == "data" && !value.get_array().get(data)) {
                          listed = true;
                          return vectors.place(data);
                        }
                        if (key == "model" && !value.get_string().get(model)) embeddings.served_model = model;
                        // LM Studio writes 0 for what it does not count
                        if (key == "usage" && !value.get_object().get(usage) &&
                            !usage["prompt_tokens"].get_int64().get(tokens) && tokens > 0)
                          embeddings.usage.prompt_tokens = tokens;
                        return true;
                      }) &&
      reply.current_location().error();
  if (!listed || (!sound && vectors.wrong().empty()))
    return refuse("'" + base::excerpt(body) + "' is not a list of vectors");
  const std::string wrong = vectors.wrong().empty() ? vectors.mismatch() : vectors.wrong();
  if (!wrong.empty()) return refuse(wrong);
  return embeddings;
}

}  // namespace tachikoma::kit
