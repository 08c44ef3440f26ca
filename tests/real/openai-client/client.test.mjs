// SPDX-License-Identifier: MIT
// The simulator as an application sees it through OpenAI's own client. SIM: the path of lmstudio-sim.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import OpenAI from 'openai';

const chatModel = 'openai/gpt-oss-20b';
const embeddingModel = 'text-embedding-nomic-embed-text-v1.5';
const messages = [{ role: 'user', content: 'Hello, how are you?' }];

let simulator;
let server;
let client;

before(async () => {
  simulator = spawn(process.env.SIM, ['--port', '0', '--speed', '200', '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: simulator.stdout }), 'line');
  server = `http://127.0.0.1:${JSON.parse(line).port}`;
  client = new OpenAI({ baseURL: `${server}/v1`, apiKey: 'none', maxRetries: 0, timeout: 20_000 });
});

after(async () => {
  const gone = once(simulator, 'exit');
  simulator.stdin.end();
  await gone;
});

test('completes', async () => {
  const reply = await client.chat.completions.create({ model: chatModel, messages });
  assert.equal(reply.object, 'chat.completion');
  assert.equal(reply.model, chatModel);
  const [choice] = reply.choices;
  assert.equal(choice.message.role, 'assistant');
  assert.match(choice.message.content, /\S/);
  assert.equal(choice.finish_reason, 'stop');
  assert.ok(reply.usage.prompt_tokens > 0);
  assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
});

test('streams what it completes, in pieces, with usage last', async () => {
  const whole = await client.chat.completions.create({ model: chatModel, messages });
  const stream = await client.chat.completions.create({
    model: chatModel,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const pieces = [];
  let finish, usage;
  for await (const chunk of stream) {
    assert.equal(chunk.object, 'chat.completion.chunk');
    if (chunk.choices[0]?.delta.content) pieces.push(chunk.choices[0].delta.content);
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  assert.ok(pieces.length > 1);
  assert.equal(pieces.join(''), whole.choices[0].message.content);
  assert.equal(finish, 'stop');
  assert.deepEqual(usage.total_tokens, whole.usage.total_tokens);
});

test('the streaming helper sees one whole message', async () => {
  const runner = client.chat.completions.stream({ model: chatModel, messages });
  let text = '';
  runner.on('content', (delta) => (text += delta));
  assert.equal((await runner.finalChatCompletion()).choices[0].message.content, text);
});

test('keeps to max_tokens', async () => {
  const reply = await client.chat.completions.create({ model: 'mistral-7b', messages, max_tokens: 3 });
  assert.equal(reply.choices[0].finish_reason, 'length');
  assert.ok(reply.usage.completion_tokens <= 3);
});

const stopped = async () => (await (await fetch(`${server}/__sim/state`)).json()).counters.stopped;

test('an aborted stream ends, and the server sees it', async () => {
  assert.equal(await stopped(), 0);
  const stream = await client.chat.completions.create({ model: chatModel, messages, stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    stream.controller.abort();
  }
  while ((await stopped()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('lists models', async () => {
  const ids = [];
  for await (const model of client.models.list()) {
    assert.equal(model.object, 'model');
    ids.push(model.id);
  }
  assert.ok(ids.includes(chatModel));
  assert.ok(ids.includes(embeddingModel));
});

test('embeds one text and several, as numbers', async () => {
  const one = await client.embeddings.create({ model: embeddingModel, input: 'a text', encoding_format: 'float' });
  assert.equal(one.data.length, 1);
  assert.ok(one.data[0].embedding.length > 1);
  assert.ok(one.data[0].embedding.every(Number.isFinite));
  const two = await client.embeddings.create({
    model: embeddingModel,
    input: ['a text', 'another text'],
    encoding_format: 'float',
  });
  assert.deepEqual(two.data.map((each) => each.index), [0, 1]);
  assert.deepEqual(two.data[0].embedding, one.data[0].embedding);
  assert.notDeepEqual(two.data[1].embedding, one.data[0].embedding);
});

test('refuses a model that it does not have', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages }), (error) => {
    assert.ok(error instanceof OpenAI.APIError);
    assert.ok(error.status === 400 || error.status === 404);
    assert.equal(error.code, 'model_not_found');
    assert.match(error.message, /no-such-model/);
    return true;
  });
});
