// SPDX-License-Identifier: MIT
#include "base/gguf.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/gguf_cursor.hpp"
#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/memory_bytes.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

constexpr std::uint32_t kU8 = 0, kU32 = 4, kString = 8, kArray = 9, kU64 = 10, kI64 = 11, kF64 = 12;

template <class T>
std::string raw(T number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string raw_text(std::string_view text) { return raw<std::uint64_t>(text.size()) + std::string(text); }

std::string raw_array(std::uint32_t type, std::uint64_t count, std::string_view elements) {
  return raw(type) + raw(count) + std::string(elements);
}

GgufWriter small_model() {
  GgufWriter file;
  file.add("general.architecture", "llama");
  file.add("llama.block_count", 32u);
  return file;
}

Result<GgufModel> read(const std::string& bytes) { return read_gguf(MemoryBytes(bytes)); }
Result<GgufModel> read(const GgufWriter& file) { return read(file.head()); }

Error failure_of(const std::string& bytes) {
  const Result<GgufModel> model = read(bytes);
  REQUIRE_FALSE(model);
  return model.error();
}

// Remembers how far it was asked to read.
class WatchedBytes final : public Bytes {
 public:
  explicit WatchedBytes(const Bytes& file) : file_(file) {}
  std::uint64_t size() const override { return file_.size(); }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override {
    bytes_read += count;
    return file_.read(offset, to, count);
  }
  mutable std::uint64_t bytes_read = 0;

 private:
  const Bytes& file_;
};

// A file of any size that holds nothing but zeros behind its head.
class SparseBytes final : public Bytes {
 public:
  SparseBytes(std::string head, std::uint64_t size) : head_(std::move(head)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, void* to, std::size_t count) const override {
    std::memset(to, 0, count);
    if (offset < head_.size())
      std::memcpy(to, head_.data() + offset, std::min<std::size_t>(count, head_.size() - offset));
    return true;
  }

 private:
  std::string head_;
  std::uint64_t size_;
};

}  // namespace

TEST_CASE("a model file says what its model is", "[gguf]") {
  GgufWriter file;
  file.add("general.architecture", "qwen3moe");
  file.add("general.type", "model");
  file.add("general.name", "Qwen3 30B A3B");
  file.add("general.basename", "Qwen3");
  file.add("general.size_label", "30B-A3B");
  file.add("general.file_type", 15u);
  file.add("qwen3moe.block_count", 48u);
  file.add("qwen3moe.context_length", 40960u);
  file.add("qwen3moe.embedding_length", 2048u);
  file.add("qwen3moe.attention.head_count", 32u);
  file.add("qwen3moe.attention.head_count_kv", 4u);
  file.add("qwen3moe.attention.key_length", 128u);
  file.add("qwen3moe.attention.value_length", 127u);
  file.add("qwen3moe.attention.sliding_window", 512u);
  file.add("qwen3moe.expert_count", 128u);
  file.add("qwen3moe.expert_used_count", 8u);
  file.add("qwen3moe.attention.shared_kv_layers", 10u);
  file.add("qwen3moe.nextn_predict_layers", 1u);
  file.add("qwen3moe.ssm.inner_size", 4096u);
  file.add("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b", "", "c"});
  file.add("tokenizer.chat_template", "{{ messages }}");
  const GgufModel model = read(file).value();
  CHECK(model.shared_kv_layers == 10);
  CHECK(model.prediction_layers == 1);
  CHECK(model.state_inner == 4096);
  CHECK(model.version == 3);
  CHECK(model.architecture == "qwen3moe");
  CHECK(model.type == "model");
  CHECK(model.name == "Qwen3 30B A3B");
  CHECK(model.basename == "Qwen3");
  CHECK(model.size_label == "30B-A3B");
  CHECK(model.file_type == 15);
  CHECK(model.quantization == "Q4_K_M");
  CHECK(model.layers == 48);
  CHECK(model.context_length == 40960);
  CHECK(model.embedding_length == 2048);
  CHECK(model.heads == std::vector<std::int64_t>{32});
  CHECK(model.kv_heads == std::vector<std::int64_t>{4});
  CHECK(model.key_length == 128);
  CHECK(model.value_length == 127);
  CHECK(model.sliding_window == 512);
  CHECK(model.experts == 128);
  CHECK(model.experts_used == 8);
  CHECK(model.chat_template);
  CHECK_FALSE(model.is_projector());
  CHECK_FALSE(model.is_embedding());
  CHECK(model.size_bytes == file.head().size());
}

TEST_CASE("a model is one for embeddings by its architecture, or by how it pools") {
  const auto is_embedding = [](const char* architecture, std::optional<std::uint32_t> pooling) {
    GgufWriter file;
    file.add("general.architecture", architecture);
    if (pooling) file.add(std::string(architecture) + ".pooling_type", *pooling);
    return read(file).value().is_embedding();
  };
  CHECK(is_embedding("bert", {}));
  CHECK(is_embedding("nomic-bert", 1));
  CHECK(is_embedding("qwen3", 3));
  CHECK_FALSE(is_embedding("qwen3", {}));
  CHECK_FALSE(is_embedding("qwen3", 0));
  CHECK_FALSE(is_embedding("bert", 4));  // it ranks
}

TEST_CASE("what a model file does not say stays absent", "[gguf]") {
  GgufWriter file;
  file.add("general.architecture", "llama");
  file.add("bert.block_count", 12u);
  const GgufModel model = read(file).value();
  CHECK_FALSE(model.layers);
  CHECK_FALSE(model.file_type);
  CHECK(model.quantization.empty());
  CHECK(model.heads.empty());
  CHECK_FALSE(model.chat_template);
}

TEST_CASE("the architecture may stand behind the keys that it names", "[gguf]") {
  GgufWriter file;
  file.add("llama.block_count", 16u);
  file.add("general.architecture", "llama");
  CHECK(read(file).value().layers == 16);
}

TEST_CASE("heads may be said for each layer, and numbers in any integer type", "[gguf]") {
  GgufWriter file = small_model();
  file.add("llama.attention.head_count_kv", std::vector<std::int32_t>{8, 0, 8});
  file.add_raw("llama.context_length", kU64, raw<std::uint64_t>(131072));
  file.add_raw("llama.expert_count", kU8, raw<std::uint8_t>(200));
  file.add_raw("llama.expert_used_count", kI64, raw<std::int64_t>(2));
  const GgufModel model = read(file).value();
  CHECK(model.kv_heads == std::vector<std::int64_t>{8, 0, 8});
  CHECK(model.context_length == 131072);
  CHECK(model.experts == 200);
  CHECK(model.experts_used == 2);
}

TEST_CASE("the part of a model that sees is told from a model", "[gguf]") {
  GgufWriter clip;
  clip.add("general.architecture", "clip");
  CHECK(read(clip).value().is_projector());
  GgufWriter mmproj = small_model();
  mmproj.add("general.type", "mmproj");
  CHECK(read(mmproj).value().is_projector());
}

TEST_CASE("the formats that GGUF replaced are refused by their names", "[gguf]") {
  for (const auto& [magic, name] : {std::pair{"lmgg", "GGML"}, std::pair{"fmgg", "GGMF"},
                                    std::pair{"tjgg", "GGJT"}, std::pair{"algg", "GGLA"}}) {
    const Error error = failure_of(magic + std::string(64, '\0'));
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(error.message == "the file is in the format " + std::string(name) +
                               ", which came before GGUF and is no longer read: convert it");
    CHECK(error.hint == "get the model as GGUF, or convert it with the tools of llama.cpp");
  }
}

TEST_CASE("other files, versions and byte orders are refused by name", "[gguf]") {
  const std::string rest(64, '\0');
  CHECK(failure_of("\3\4\1Q" + rest).message ==
        "the file is not a GGUF file: it begins with '"
        "?"
        "??Q'");
  CHECK(failure_of(std::string("GGUF\0\0\0\3", 8) + rest).message ==
        "the file is a big-endian GGUF, for other machines: convert it");
  CHECK(failure_of(std::string("GGUF\1\0\0\0", 8) + rest).message ==
        "the file is GGUF version 1, which is no longer read: convert it");
  CHECK(failure_of(std::string("GGUF\4\0\0\0", 8) + rest).message ==
        "the file is GGUF version 4, but only versions 2 and 3 are supported");
  CHECK(failure_of(std::string("GGUF\0\0\0\0", 8) + rest).code == ErrorCode::unsupported);
  CHECK(read(std::string("GGUF\2\0\0\0", 8) + small_model().head().substr(8)).value().version == 2);
}

TEST_CASE("a GGUF file of no model is refused", "[gguf]") {
  const auto refusal = [](const char* type) {
    GgufWriter file;
    file.add("general.type", type);
    const Error error = failure_of(file.head());
    CHECK(error.code == ErrorCode::unsupported);
    return error.message;
  };
  CHECK(refusal("imatrix") == "the file is an importance matrix (imatrix), not a model");
  CHECK(refusal("other") == "the file is a GGUF without 'general.architecture', so it holds no model");
}

TEST_CASE("a known key of the wrong type is an error that says what was found, and where", "[gguf]") {
  struct Case {
    const char* key;
    std::uint32_t type;
    std::string bytes;
    std::string message;
  };
  const Case cases[] = {
      {"llama.block_count", kString, raw_text("many"), "'llama.block_count' is text, not an integer"},
      {"llama.block_count", kF64, raw(32.0), "'llama.block_count' is f64, not an integer"},
      {"llama.block_count", kI64, raw<std::int64_t>(-1), "'llama.block_count' is -1, which no model has"},
      {"llama.block_count", kU64, raw(~std::uint64_t{0}),
       "'llama.block_count' is 18446744073709551615, which no model has"},
      {"llama.block_count", kArray, raw_array(kU32, 1, raw<std::uint32_t>(2)),
       "'llama.block_count' is an array, not an integer"},
      {"llama.attention.head_count", kArray, raw_array(kString, 1, raw_text("a")),
       "'llama.attention.head_count' is text, not an integer"},
      {"general.name", kU32, raw<std::uint32_t>(1), "'general.name' is u32, not text"},
      {"general.architecture", kU32, raw<std::uint32_t>(1), "'general.architecture' is u32, not text"},
      {"x", 13, "", "the value of 'x' is of type 13, and GGUF has none above 12"},
  };
  for (const Case& broken : cases) {
    CAPTURE(broken.key, broken.type);
    GgufWriter file;
    if (std::string_view(broken.key) != "general.architecture") file.add("general.architecture", "llama");
    file.add_raw(broken.key, broken.type, broken.bytes);
    const Error error = failure_of(file.head() + std::string(32, '\0'));
    CHECK(error.code == ErrorCode::protocol);
    CHECK_THAT(error.message, StartsWith("at byte "));
    CHECK_THAT(error.message, ContainsSubstring(broken.message));
  }
}

TEST_CASE("a key that counts and comes twice is an error", "[gguf]") {
  GgufWriter file = small_model();
  file.add("llama.block_count", 33u);
  CHECK_THAT(failure_of(file.head()).message, ContainsSubstring("'llama.block_count' occurs twice"));
}

TEST_CASE("a file that is cut short anywhere is refused, and never read beyond its end", "[gguf]") {
  GgufWriter file = small_model();
  file.add("general.name", "a name");
  file.add("llama.attention.head_count_kv", std::vector<std::int32_t>{8, 8});
  file.add("tokenizer.ggml.tokens", std::vector<std::string>{"a", "bc"});
  const std::string whole = file.head();
  REQUIRE(read(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const std::string cut = whole.substr(0, size);  // of its own, so that the sanitizer sees its end
    const Error error = failure_of(cut);
    CHECK(error.code == ErrorCode::protocol);
    CHECK_THAT(error.message, ContainsSubstring(size == 0 ? "the file is empty" : "the file is cut short"));
  }
}

TEST_CASE("lengths that a file can't have are refused before anything is done with them", "[gguf]") {
  const std::string zeros(64, '\0');
  for (const std::uint64_t huge :
       {std::uint64_t{65}, std::uint64_t{1} << 32, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
    CAPTURE(huge);
    GgufWriter text = small_model(), numbers = small_model(), texts = small_model(), arrays = small_model();
    text.add_raw("a", kString, raw(huge));
    numbers.add_raw("a", kArray, raw_array(kF64, huge, ""));
    texts.add_raw("a", kArray, raw_array(kString, huge, ""));
    arrays.add_raw("llama.attention.head_count", kArray, raw_array(kU32, huge, ""));
    for (const GgufWriter& file : {text, numbers, texts, arrays})
      CHECK_THAT(failure_of(file.head() + zeros).message, ContainsSubstring("the file is cut short"));
    std::string many = small_model().head();
    std::memcpy(many.data() + 16, &huge, sizeof huge);
    CHECK_THAT(failure_of(many).message, ContainsSubstring("the file is cut short"));
  }
}

TEST_CASE("arrays in arrays are skipped to a small depth only", "[gguf]") {
  const auto nested = [](int depth) {
    std::string bytes = raw_array(kU8, 1, "x");
    for (int i = 1; i < depth; ++i) bytes = raw_array(kArray, 1, bytes);
    GgufWriter file = small_model();
    file.add_raw("a", kArray, bytes);
    return file.head();
  };
  CHECK(read(nested(4)).value().layers == 32);
  CHECK_THAT(failure_of(nested(5)).message, ContainsSubstring("deeper than 4 levels"));
  CHECK_THAT(failure_of(nested(2000)).message, ContainsSubstring("deeper than 4 levels"));
}

TEST_CASE("of a large vocabulary nothing is held, and of tensors nothing is read", "[gguf]") {
  GgufWriter file = small_model();
  file.add_raw("tokenizer.ggml.scores", kArray,
               raw_array(6, 1 << 20, std::string(std::size_t{4} << 20, '\0')));
  file.add("tokenizer.chat_template", "{{ messages }}");
  const std::string head = file.head();
  const std::string tensors(std::size_t{1} << 20, 'x');
  const std::string whole = head + tensors;
  const MemoryBytes bytes(whole);
  const WatchedBytes watched(bytes);
  const GgufModel model = read_gguf(watched).value();
  CHECK(model.chat_template);
  CHECK(model.size_bytes == whole.size());
  CHECK(watched.bytes_read < 512 * 1024);
}

TEST_CASE("metadata without an end is given up", "[gguf]") {
  GgufWriter file = small_model();
  file.add_raw("a", kArray, raw_array(kString, std::uint64_t{1} << 36, ""));
  const SparseBytes sparse(file.head(), std::uint64_t{1} << 40);
  const auto model = read_gguf(sparse);
  REQUIRE_FALSE(model);
  CHECK_THAT(model.error().message, ContainsSubstring("the metadata is larger than 256 MiB"));
}

TEST_CASE("text of a model file can be shown", "[gguf]") {
  GgufWriter file = small_model();
  file.add("general.name", "bad \xff name");
  CHECK(read(file).value().name == "bad \xEF\xBF\xBD name");
  GgufWriter loud = small_model();
  loud.add_raw("\x1b[31m", 99, "");
  CHECK_THAT(failure_of(loud.head() + "    ").message, ContainsSubstring("'?[31m'"));
  GgufWriter cut = small_model();
  cut.add_raw("\x1b[31m", kU64, "");
  CHECK_THAT(failure_of(cut.head()).message, ContainsSubstring("cut short: ?[31m takes 8 bytes"));
}

TEST_CASE("names of quantizations are llama.cpp's", "[gguf]") {
  CHECK(quantization_name(0) == "F32");
  CHECK(quantization_name(1) == "F16");
  CHECK(quantization_name(7) == "Q8_0");
  CHECK(quantization_name(15) == "Q4_K_M");
  CHECK(quantization_name(18) == "Q6_K");
  CHECK(quantization_name(30) == "IQ4_XS");
  CHECK(quantization_name(32) == "BF16");
  CHECK(quantization_name(38) == "MXFP4");
  CHECK(quantization_name(4).empty());
  CHECK(quantization_name(41).empty());
  CHECK(quantization_name(-1).empty());
}

TEST_CASE("shards are read as one model, from whichever of them", "[gguf]") {
  const TempDir folder;
  GgufWriter rest;
  rest.add("split.no", 1u);
  const std::string first = small_model().head(), second = rest.head() + std::string(100, 'x');
  folder.write("big-00001-of-00002.gguf", first);
  const std::string other = folder.write("big-00002-of-00002.gguf", second);
  const GgufModel model = read_gguf_file(other).value();
  CHECK(model.layers == 32);
  CHECK(model.shards == 2);
  CHECK(model.size_bytes == first.size() + second.size());
  std::filesystem::remove(other);
  const auto incomplete = read_gguf_file(folder.path() / "big-00001-of-00002.gguf");
  REQUIRE_FALSE(incomplete);
  CHECK(incomplete.error().code == ErrorCode::invalid_argument);
  CHECK_THAT(incomplete.error().message,
             ContainsSubstring("big-00002-of-00002.gguf': shard 2 of 2 can't be read"));
}
