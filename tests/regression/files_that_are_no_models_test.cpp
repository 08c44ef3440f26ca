// SPDX-License-Identifier: MIT
// Adapters, control vectors, vocabularies and drafts were listed as chat models, a truncated file as a whole
// one, and what was no GGUF at all was refused with its first four bytes.
#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/stat.h>

#include "llamacpp/model_folder.hpp"
#include "support/catch.hpp"
#include "support/gguf_folder.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace fs = std::filesystem;

namespace {

GgufWriter says(const std::string& architecture, const std::string& type = {}) {
  GgufWriter file;
  if (!architecture.empty()) file.add("general.architecture", architecture);
  if (!type.empty()) file.add("general.type", type);
  return file;
}

// What the file is called in the list and when it is named, by key and by path, which must agree.
Error refusal(const GgufFolder& world, const std::string& file, std::string key = {}) {
  INFO(file);
  const llamacpp::ModelFolder models(world.folder);
  if (key.empty()) key = file.ends_with(".gguf") ? file.substr(0, file.size() - 5) : file;
  const auto by_key = models.find(key);
  const auto by_path = models.find(world.path(file));
  REQUIRE_FALSE(by_key);
  REQUIRE_FALSE(by_path);
  CHECK(by_key.error().message == by_path.error().message);
  CHECK_FALSE(by_key.error().hint.empty());
  CHECK_THAT(by_key.error().message, StartsWith("'" + world.path(file) + "': "));
  bool listed = false;
  for (const ModelInfo& each : models.list()) {
    if (each.key != key) continue;
    listed = true;
    CHECK(each.state == ModelState::failed);
    CHECK(each.kind == ModelKind::unknown);
    CHECK(each.extra["error"].as_string() == by_key.error().message);
    CHECK(each.extra["hint"].as_string() == by_key.error().hint);
  }
  CHECK(listed);
  return by_key.error();
}

std::string what(const GgufFolder& world, const std::string& file) {
  const Error error = refusal(world, file);
  return error.message.substr(world.path(file).size() + 4);
}

std::string what_of(const std::string& bytes) {
  GgufFolder world;
  world.write("x.gguf", bytes);
  return what(world, "x.gguf");
}

std::string hint_of(const std::string& bytes) {
  GgufFolder world;
  world.write("x.gguf", bytes);
  return refusal(world, "x.gguf").hint;
}

}  // namespace

TEST_CASE("a GGUF that is no model of its own is called what it is", "[regression][llamacpp][files]") {
  GgufFolder world;
  GgufWriter lora = says("llama", "adapter");
  lora.add("adapter.type", "lora");
  world.add("lora.gguf", lora, "blk.0.attn_q.weight.lora_a");
  CHECK(what(world, "lora.gguf") == "the file is a LoRA adapter");
  CHECK_THAT(refusal(world, "lora.gguf").hint, ContainsSubstring("extra: {lora: PATH}"));
  world.add("steer.gguf", says("controlvector"), "direction.1");
  CHECK(what(world, "steer.gguf") == "the file is a control vector");
  world.add("matrix.gguf", says("", "imatrix"), "blk.0.ffn_up.weight.in_sum2");
  CHECK(what(world, "matrix.gguf") == "the file is an importance matrix (imatrix), not a model");
  says("llama").write(world.path("words.gguf"));
  CHECK(what(world, "words.gguf") == "the file is a vocabulary without a model: it has no tensors");
  world.add("words2.gguf", says("llama", "vocab"));
  CHECK(what(world, "words2.gguf") == "the file is a vocabulary without a model: it has no tensors");
  for (const char* draft : {"eagle3", "dflash", "gemma4-assistant"}) {
    world.add(std::string(draft) + ".gguf", says(draft), "fc.weight");
    CHECK(what(world, std::string(draft) + ".gguf") ==
          "the file is a draft model: it only guesses the next words of another model");
  }
  world.add("mtp.gguf", says("qwen35"), "blk.64.nextn.eh_proj.weight");
  CHECK(what(world, "mtp.gguf") ==
        "the file is the MTP head of a model: it only guesses the next words of that model");
  world.add("flux.gguf", says("flux"), "double_blocks.0.img_attn.qkv.weight");
  CHECK(what(world, "flux.gguf") == "the file is a model that makes images or videos, or a part of one");
  world.add("voice.gguf", says("wavtokenizer-dec"));
  CHECK(what(world, "voice.gguf") == "the file is the part of a speech model that makes sounds from tokens");
}

TEST_CASE("a model with an MTP head of its own is a model", "[regression][llamacpp][files]") {
  GgufFolder world;
  GgufWriter file = says("qwen35");
  file.add_tensor("blk.64.nextn.eh_proj.weight", 4, 4, {});
  world.add("whole.gguf", file);
  CHECK(llamacpp::ModelFolder(world.folder).find("whole"));
}

TEST_CASE("another kind of file that is named like a model is called what it is",
          "[regression][llamacpp][files]") {
  const std::string rest(64, '\1');
  CHECK(what_of("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4920734272\n") ==
        "the file is a pointer of Git LFS: the model itself was not downloaded");
  CHECK_THAT(hint_of("version https://git-lfs.github.com/spec/v1\n"), ContainsSubstring("git lfs pull"));
  CHECK(what_of("\n<!DOCTYPE html>\n<html><head><title>Log in</title>") ==
        "the file is a web page, not a model: it begins with '<!DOCTYPE html> <html><head><title>Log "
        "in</title>'");
  CHECK(what_of("{\"error\":\"Access to model x/y is restricted\"}") ==
        "the file is a JSON text, not a model: it begins with '{\"error\":\"Access to model x/y is "
        "restricted\"}'");
  CHECK(what_of("Entry not found") == "the file is text, not a model: it begins with 'Entry not found'");
  CHECK_THAT(hint_of("Invalid username or password."), ContainsSubstring("download the model again"));
  CHECK(what_of(std::string("\x40\0\0\0\0\0\0\0", 8) + "{\"__metadata__\":{}}" + rest) ==
        "the file is in the format safetensors, not GGUF");
  CHECK(what_of("PK\3\4" + rest) == "the file is a ZIP archive, or a PyTorch checkpoint, which is one");
  CHECK(what_of("\x1f\x8b" + rest) == "the file is compressed with gzip");
  CHECK(what_of(std::string("\0\5\x16\7\0\2\0\0", 8) + rest) ==
        "the file is a resource fork of macOS, and holds no model");
  CHECK(what_of(std::string(64, '\0')) ==
        "the file is all zeros where its beginning should be: a download that was not finished");
  CHECK(what_of("tjgg" + rest) ==
        "the file is in the format GGJT, which came before GGUF and is no longer read: convert it");
  CHECK(what_of(std::string("GGUF\1\0\0\0", 8) + rest) ==
        "the file is GGUF version 1, which is no longer read: convert it");
  CHECK(what_of(std::string("GGUF\0\0\0\3", 8) + rest) ==
        "the file is a big-endian GGUF, for other machines: convert it");
  CHECK(what_of("") == "the file is empty");
  CHECK(what_of(std::string("\x90\x91\x92\x93", 4) + rest)
            .starts_with("the file is not a GGUF file: it begins with "));
}

TEST_CASE("the names that macOS and downloaders use are told for what they are",
          "[regression][llamacpp][files]") {
  GgufFolder world;
  world.write("._x.gguf", std::string("\0\5\x16\7\0\2\0\0", 8) + std::string(100, '\0'));
  CHECK(what(world, "._x.gguf") == "the file is a resource fork of macOS, and holds no model");
  world.add_model("whole.gguf");
  const std::string bytes = read_file(world.path("whole.gguf"));
  for (const char* suffix : {".part", ".crdownload", ".incomplete", ".tmp", ".downloadInProgress"}) {
    const std::string name = std::string("y.gguf") + suffix;
    world.write(name, bytes.substr(0, bytes.size() / 2));
    CHECK(what(world, name) == "the file is a download that is not finished");
  }
  world.add_model("z.gguf");
  world.write("z.gguf.aria2", "control");
  CHECK(what(world, "z.gguf") == "the file is a download that is not finished");
}

TEST_CASE("a file whose tensors lie behind its end is known to be cut short before it is loaded",
          "[regression][llamacpp][files]") {
  GgufFolder world;
  world.add_model("m.gguf");
  fs::resize_file(world.path("m.gguf"), fs::file_size(world.path("m.gguf")) - 33);
  const std::string cut = what(world, "m.gguf");
  CHECK_THAT(cut, ContainsSubstring("the file is cut short: its tensors need "));
  CHECK(cut.ends_with(" bytes, and it has " + std::to_string(fs::file_size(world.path("m.gguf")))));
  world.add_model("s-00001-of-00002.gguf");
  world.add_model("s-00002-of-00002.gguf");
  fs::resize_file(world.path("s-00002-of-00002.gguf"), 100);
  const auto shards = llamacpp::ModelFolder(world.folder).find("s");
  REQUIRE_FALSE(shards);
  CHECK_THAT(shards.error().message, ContainsSubstring("s-00002-of-00002.gguf': at byte ") &&
                                         ContainsSubstring("the file is cut short"));
  fs::remove(world.path("s-00002-of-00002.gguf"));
  CHECK_THAT(llamacpp::ModelFolder(world.folder).find("s").error().message,
             ContainsSubstring("shard 2 of 2 can't be read (No such file or directory)"));
}

TEST_CASE("a part of a split model that lost its name is told so", "[regression][llamacpp][files]") {
  GgufFolder world;
  GgufWriter first = says("llama");
  first.add("split.no", 0u);
  first.add("split.count", 3u);
  world.add("first.gguf", first);
  CHECK(what(world, "first.gguf") == "it says that it is part 1 of 3 of a model, and is not named so");
  GgufWriter second;
  second.add("split.no", 1u);
  second.add("split.count", 3u);
  world.add("second.gguf", second, "blk.9.ffn_up.weight");
  CHECK(what(world, "second.gguf") == "the file is part 2 of 3 of a model");
  GgufWriter merged = says("llama");
  merged.add("split.no", 0u);
  merged.add("split.count", 0u);
  world.add("merged.gguf", merged);
  CHECK(llamacpp::ModelFolder(world.folder).find("merged"));
}

TEST_CASE("what is named like a model and is no regular file is told for what it is",
          "[regression][llamacpp][files]") {
  GgufFolder world;
  fs::create_directory(world.folder / "empty.gguf");
  CHECK(what(world, "empty.gguf") == "it is a folder, not a file");
  REQUIRE(::mkfifo(world.path("pipe.gguf").c_str(), 0600) == 0);
  CHECK(what(world, "pipe.gguf") == "it is not a regular file");
  fs::create_symlink("nowhere", world.folder / "dangling.gguf");
  CHECK(what(world, "dangling.gguf") ==
        "it is a link to 'nowhere', which can't be read (No such file or directory)");
  fs::create_symlink("round.gguf", world.folder / "round.gguf");
  CHECK_THAT(what(world, "round.gguf"), ContainsSubstring("Too many levels of symbolic links"));
  world.add_model("full.gguf/inner.gguf");
  for (const ModelInfo& each : llamacpp::ModelFolder(world.folder).list()) CHECK(each.key != "full");
  CHECK(llamacpp::ModelFolder(world.folder).find("full.gguf/inner"));
}

TEST_CASE("what this version does not know, llama-server may: it is told by its number, and not refused",
          "[regression][llamacpp][files]") {
  GgufFolder world;
  GgufWriter strange = says("frobnicator");
  strange.add("general.file_type", 4711u);
  world.add("strange.gguf", strange);
  std::string unknown = read_file(world.path("strange.gguf"));
  const std::size_t type = unknown.find("token_embd.weight") + 17 + 4 + 2 * 8;
  unknown[type] = 99;
  world.write("strange.gguf", unknown);
  unknown.replace(unknown.find("file_type"), 9, "file_what");
  world.write("stranger.gguf", unknown);
  const auto list = llamacpp::ModelFolder(world.folder).list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].state == ModelState::not_loaded);
  CHECK(list[0].architecture == "frobnicator");
  CHECK(list[0].quantization == "file type 4711");
  CHECK(list[1].quantization == "tensor type 99");
}

TEST_CASE("a reranker is no chat model, and an encoder one for embeddings", "[regression][llamacpp][files]") {
  GgufFolder world;
  GgufWriter ranks = says("qwen3");
  ranks.add("qwen3.pooling_type", 4u);
  world.add("ranks.gguf", ranks);
  world.add("t5.gguf", says("t5encoder"));
  const auto list = llamacpp::ModelFolder(world.folder).list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].kind == ModelKind::unknown);
  CHECK(list[0].state == ModelState::not_loaded);
  CHECK(list[0].extra["file"].as_string() == "reranker");
  CHECK(list[1].kind == ModelKind::embedding);
}
