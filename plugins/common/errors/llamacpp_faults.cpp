// SPDX-License-Identifier: MIT
#include "common/errors/llamacpp_faults.hpp"

namespace tachikoma::kit {
namespace {

using enum FaultTopic;
using enum FaultPhrase::Place;

constexpr FaultPhrase kLlamaCppPhrases[] = {
    {images, text, "image input is not supported"},
    {embeddings, text, "does not support embeddings"},
    {memory, text, "out of memory"},
    {memory, text, "outofmemory"},
    {memory, text, "failed to allocate"},
    {memory, text, "unable to allocate"},
    {memory, text, "cudamalloc"},
    {memory, text, "insufficient memory"},
    {memory, text, "not enough memory"},
    {context, either, "exceed_context_size"},
    {context, either, "exceeds the available context size"},
    {context, either, "context size has been exceeded"},
    {context, either, "too large to process. increase the physical batch"},
    {prompt_form, text, "cannot have 2 or more assistant messages"},
    {busy, code, "unavailable_error"},
    // a router, of the server that it had started for the model
    {loss, text, "is not running"},
    {loss, text, "proxy error:"},
};

}  // namespace

std::span<const FaultPhrase> llamacpp_faults() { return kLlamaCppPhrases; }

}  // namespace tachikoma::kit
