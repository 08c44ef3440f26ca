// SPDX-License-Identifier: MIT
// Predicting, tokens and embeddings through LM Studio's own SDK.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { z } from 'zod';

import { eventually } from '../npm/simulator.mjs';
import { chatModel, embeddingModel, fieldsOf, forEachVersion, toolModel, useSimulator } from './sdk.mjs';

const hello = 'Hello, how are you?';
const redDot =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==';

forEachVersion(({ sdk, newer }) => {
  const world = useSimulator(sdk);
  const model = (key) => world.client.llm.model(key, { verbose: false });
  const play = (cards) => world.simulator.play(cards);

  test('responds, streamed, with statistics', async () => {
    const prediction = (await model(toolModel)).respond(hello, { temperature: 0.5, seed: 7 });
    const pieces = [];
    for await (const { content, reasoningType } of prediction) {
      assert.equal(reasoningType, 'none');
      pieces.push(content);
    }
    const result = await prediction;
    assert.ok(pieces.length > 5);
    assert.equal(result.content, pieces.join(''));
    assert.match(result.content, /^This is lmstudio-sim/);
    assert.equal(result.modelInfo.identifier, toolModel);
    const { stats } = result;
    assert.equal(stats.stopReason, 'eosFound');
    assert.equal(stats.predictedTokensCount, pieces.length);
    assert.equal(stats.totalTokensCount, stats.promptTokensCount + stats.predictedTokensCount);
    assert.ok(stats.tokensPerSecond > 0 && stats.timeToFirstTokenSec > 0);
    const { body, outcome } = await world.simulator.latest('/llm/predict');
    assert.equal(outcome, 'completed');
    assert.deepEqual(body.history.messages, [{ role: 'user', content: [{ type: 'text', text: hello }] }]);
    assert.equal(fieldsOf(body.predictionConfigStack)['llm.prediction.temperature'], 0.5);
  });

  test('says the same as the OpenAI route, and counts the same tokens', async () => {
    const { content, stats } = await (await model(toolModel)).respond(hello);
    const reply = await fetch(`${world.simulator.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: toolModel, messages: [{ role: 'user', content: hello }] }),
    });
    const { choices, usage } = await reply.json();
    assert.equal(content, choices[0].message.content);
    assert.equal(stats.promptTokensCount, usage.prompt_tokens);
    assert.equal(stats.predictedTokensCount, usage.completion_tokens);
  });

  test('tells how far the prompt is processed', async () => {
    const seen = [];
    const prediction = (await model(toolModel)).respond(hello, {
      onPromptProcessingProgress: (progress, details) => seen.push([progress, details]),
    });
    const { stats } = await prediction;
    assert.ok(seen.length >= 2);
    assert.equal(seen[0][0], 0);
    assert.equal(seen.at(-1)[0], 1);
    if (newer) assert.equal(seen.at(-1)[1].processedPromptTokenCount, stats.promptTokensCount);
  });

  test('tells reasoning from the answer', async () => {
    for (const key of [chatModel, 'qwen3-8b']) {
      const types = new Set();
      const prediction = (await model(key)).respond(hello);
      for await (const { reasoningType } of prediction) types.add(reasoningType);
      const result = await prediction;
      assert.deepEqual([...types], ['reasoningStartTag', 'reasoning', 'reasoningEndTag', 'none']);
      assert.match(result.reasoningContent, /^The user says "Hello, how are you"/);
      assert.match(result.nonReasoningContent, /^This is lmstudio-sim/);
    }
  });

  test('keeps to the limits', async () => {
    const few = await (await model(toolModel)).respond(hello, { maxTokens: 3 });
    assert.equal(few.stats.stopReason, 'maxPredictedTokensReached');
    assert.equal(few.stats.predictedTokensCount, 3);
    const cut = await (await model(toolModel)).respond(hello, { stopStrings: ['standing', 'speaking', 'role', 'pretending'] });
    assert.equal(cut.stats.stopReason, 'stopStringFound');
    assert.match(cut.content, /^This is lmstudio-sim, (in the |)$/);
    if (newer) assert.match(cut.stats.stopString, /standing|speaking|role|pretending/);
  });

  test('answers with JSON that fits a schema', async () => {
    const person = z.object({ name: z.string(), age: z.number().int() });
    const result = await (await model(toolModel)).respond('Ada Lovelace is 36 years old', { structured: person });
    assert.deepEqual(result.parsed, { name: 'Ada Lovelace', age: 36 });
    const { body } = await world.simulator.latest('/llm/predict');
    assert.equal(fieldsOf(body.predictionConfigStack)['llm.prediction.structured'].type, 'json');
  });

  test('stops when it is cancelled, and says so', async () => {
    await play({ replies: [{ text: 'word '.repeat(1000), delay_per_token: '20ms' }] });
    const prediction = (await model(toolModel)).respond(hello);
    let pieces = 0;
    for await (const { content } of prediction) {
      assert.ok(content);
      if (pieces++ === 0) await prediction.cancel();
    }
    const { stats } = await prediction;
    assert.equal(stats.stopReason, 'userStopped');
    assert.equal(stats.predictedTokensCount, pieces);
    const seen = await eventually(async () => {
      const each = await world.simulator.latest('/llm/predict');
      return each.outcome !== 'running' && each;
    });
    assert.equal(seen.outcome, 'stopped');
    assert.ok(seen.tokens_sent < 1000);
    await play({});
  });

  test('acts with a tool', async () => {
    const asked = [];
    const said = [];
    const weather = sdk.tool({
      name: 'get_current_weather',
      description: 'Weather at a place',
      parameters: { location: z.string() },
      implementation: ({ location }) => (asked.push(location), `sunny, ${location.length + 15}°C`),
    });
    const fragments = [];
    const act = await (await model(toolModel)).act("What's the weather in Tokyo and Oslo?", [weather], {
      onMessage: (message) => said.push(message.getRole()),
      onToolCallRequestArgumentFragmentGenerated: (round, call, text) => fragments.push(text),
    });
    assert.equal(act.rounds, 2);
    assert.deepEqual(asked, ['Tokyo', 'Oslo']);
    assert.deepEqual(said, ['assistant', 'tool', 'assistant']);
    assert.equal(fragments.join(''), '{"location":"Tokyo"}{"location":"Oslo"}');
    const { body } = await world.simulator.latest('/llm/predict');
    const [, assistant, tool] = body.history.messages;
    const calls = assistant.content.filter((part) => part.type === 'toolCallRequest');
    assert.deepEqual(calls.map((part) => part.toolCallRequest.arguments), [{ location: 'Tokyo' }, { location: 'Oslo' }]);
    assert.deepEqual(tool.content.map((part) => part.content), ['"sunny, 20°C"', '"sunny, 19°C"']);
  });

  test('tells a call that could not be read', async () => {
    const call = { name: 'get_current_weather', arguments: '{"location": ' };
    await play({ replies: [{ when: { contains: 'broken', tool_results: 0 }, tool_calls: [call] }] });
    const failures = [];
    const weather = sdk.tool({
      name: 'get_current_weather',
      description: 'Weather at a place',
      parameters: { location: z.string() },
      implementation: () => assert.fail('it was not called properly'),
    });
    await (await model(toolModel)).act('A broken call, please', [weather], {
      handleInvalidToolRequest: (error) => void failures.push(error),
    });
    assert.equal(failures.length, 1);
    assert.match(failures[0].message, /Failed to parse tool call/);
    assert.match(failures[0].rawContent, /"arguments": \{"location": \}/);
    await play({});
  });

  test('looks at an image', async () => {
    const image = await world.client.files.prepareImageBase64('dot.png', redDot);
    const chat = [{ role: 'user', content: 'What do you see?', images: [image] }];
    const { content } = await (await model('gemma-3-12b')).respond(chat);
    assert.match(content, /I see an image: image\/png, 85 bytes/);
    await assert.rejects((await model(toolModel)).respond(chat), /does not support images/);
  });

  test('completes a text', async () => {
    const result = await (await model(toolModel)).complete('The meaning of life is', { maxTokens: 4 });
    assert.equal(result.stats.predictedTokensCount, 4);
    assert.equal(result.stats.promptTokensCount, 5);
    const { body } = await world.simulator.latest(newer ? '/llm/completeRawText' : '/llm/predict');
    const prompt = newer ? body.rawPrompt : body.history.messages[0].content[0].text;
    assert.equal(prompt, 'The meaning of life is');
  });

  test('counts tokens as the prediction does', async () => {
    const each = await model(toolModel);
    const tokens = await each.tokenize(hello);
    assert.equal(tokens.length, await each.countTokens(hello));
    assert.ok(tokens.every(Number.isInteger));
    assert.deepEqual(await each.tokenize([hello, hello]), [tokens, tokens]);
    const { stats } = await each.complete(hello, { maxTokens: 1 });
    assert.equal(stats.promptTokensCount, tokens.length);
    const embedder = await world.client.embedding.model(embeddingModel, { verbose: false });
    assert.equal(await embedder.countTokens(hello), tokens.length);
    assert.deepEqual(await embedder.tokenize(hello), tokens);
  });

  test('applies the prompt template', async () => {
    const chat = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: hello }];
    const prompt = await (await model(toolModel)).applyPromptTemplate(chat);
    assert.ok(prompt.indexOf('Be brief.') < prompt.indexOf(hello));
    assert.match(prompt, /assistant/);
  });

  test('embeds one text and several', async () => {
    const embedder = await world.client.embedding.model(embeddingModel, { verbose: false });
    const { embedding } = await embedder.embed('a text');
    assert.equal(embedding.length, 768);
    assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-9);
    const [same, other] = await embedder.embed(['a text', 'something else']);
    assert.deepEqual(same.embedding, embedding);
    assert.notDeepEqual(other.embedding, embedding);
  });

  test('reads the prediction settings of a model', { skip: !newer && '1.5.0 does not offer them' }, async () => {
    const config = await (await model(toolModel)).getBasePredictionConfig();
    assert.equal(config.temperature, 0.8);
    assert.equal(config.topKSampling, 40);
  });

  test('takes a draft model that there is', async () => {
    await (await model(toolModel)).unstable_preloadDraftModel('phi-3-mini');
    await assert.rejects((await model(toolModel)).unstable_preloadDraftModel('no-such-model'), /no-such-model/);
    const { stats } = await (await model(toolModel)).respond(hello, { draftModel: 'phi-3-mini' });
    assert.equal(stats.usedDraftModelKey, 'phi-3-mini');
    assert.ok(stats.totalDraftTokensCount >= stats.acceptedDraftTokensCount);
  });

  test('fails with what the engine said, also amid an answer', async () => {
    const prediction = async () => {
      const seen = [];
      for await (const { content } of (await model(toolModel)).respond('Crash, please')) seen.push(content);
      return seen;
    };
    for (const after_tokens of [0, 3]) {
      await play({ faults: [{ when: { route: '/llm/predict', contains: 'crash' }, kind: 'error', after_tokens }] });
      await assert.rejects(prediction, /The model has crashed/);
      assert.equal((await world.simulator.latest('/llm/predict')).tokens_sent, after_tokens);
    }
    await play({});
  });

  test('has no answer when the model is unloaded amid it', async () => {
    await play({ replies: [{ text: 'word '.repeat(1000), delay_per_token: '20ms' }] });
    const instance = await world.client.llm.load('phi-3-mini', { identifier: 'victim', verbose: false });
    const prediction = instance.respond(hello);
    await assert.rejects(async () => {
      for await (const { content } of prediction) {
        assert.ok(content);
        await world.client.llm.unload('victim').catch(() => {}); // once is enough
      }
    }, /unloaded/i);
    await play({});
  });

  const state = newer ? describe : describe.skip; // 1.5.0 has no processing state
  state('while a model is busy', () => {
    test('tells that it generates, and who waits', async () => {
      await play({ replies: [{ text: 'word '.repeat(1000), delay_per_token: '20ms' }] });
      const busy = await model(toolModel);
      assert.deepEqual(await busy.getInstanceProcessingState(), { status: 'idle', queued: 0 });
      const prediction = busy.respond(hello);
      await eventually(async () => (await busy.getInstanceProcessingState()).status === 'generating');
      await prediction.cancel();
      assert.equal((await prediction).stats.stopReason, 'userStopped');
      await eventually(async () => (await busy.getInstanceProcessingState()).status === 'idle');
      await play({});
    });
  });
});
