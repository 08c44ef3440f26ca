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

const weatherTool = {
  type: 'function',
  function: {
    name: 'get_current_weather',
    description: 'Weather at a place',
    parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
  },
};
const weather = ({ location }) => `sunny, ${location.length + 15}°C`;

for (const stream of [false, true]) {
  test(`its tool loop calls two functions at once and tells their results, ${stream ? 'streamed' : 'whole'}`, async () => {
    const asked = [];
    const runner = client.chat.completions.runTools({
      model: 'mistral-7b',
      stream,
      messages: [{ role: 'user', content: "What's the weather in Tokyo and Oslo?" }],
      tools: [
        {
          type: 'function',
          function: {
            ...weatherTool.function,
            parse: JSON.parse,
            function: (args) => (asked.push(args.location), weather(args)),
          },
        },
      ],
    });
    const text = await runner.finalContent();
    assert.deepEqual(asked, ['Tokyo', 'Oslo']);
    assert.match(text, /weather in Tokyo is sunny, 20°C.*weather in Oslo is sunny, 19°C/);
  });
}

test('a streamed call has one id, one name and arguments in pieces', async () => {
  const stream = await client.chat.completions.create({
    model: 'mistral-7b',
    messages: [{ role: 'user', content: "What's the weather in Tokyo?" }],
    tools: [weatherTool],
    stream: true,
  });
  const ids = [];
  const names = [];
  let text = '';
  let finish;
  for await (const chunk of stream) {
    for (const call of chunk.choices[0].delta.tool_calls ?? []) {
      assert.equal(call.index, 0);
      if (call.id) ids.push(call.id);
      if (call.function.name) names.push(call.function.name);
      text += call.function.arguments;
    }
    finish = chunk.choices[0].finish_reason ?? finish;
  }
  assert.match(ids.join(' '), /^\d{9}$/);
  assert.deepEqual(names, ['get_current_weather']);
  assert.deepEqual(JSON.parse(text), { location: 'Tokyo' });
  assert.equal(finish, 'tool_calls');
});

test('parses an answer that fits a schema', async () => {
  const reply = await client.chat.completions.parse({
    model: 'mistral-7b',
    messages: [{ role: 'user', content: 'Ada Lovelace is 36 years old' }],
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'person',
        schema: {
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'integer' } },
          required: ['name', 'age'],
        },
      },
    },
  });
  assert.deepEqual(JSON.parse(reply.choices[0].message.content), { name: 'Ada Lovelace', age: 36 });
});

test('sees reasoning in the field of the model', async () => {
  for (const [model, field] of [[chatModel, 'reasoning'], ['qwen3-8b', 'reasoning_content']]) {
    const reply = await client.chat.completions.create({ model, messages });
    assert.match(reply.choices[0].message[field], /\S/);
    assert.ok(reply.usage.completion_tokens_details.reasoning_tokens > 0);
  }
  const silent = await client.chat.completions.create({ model: chatModel, messages, reasoning_effort: 'none' });
  assert.equal(silent.choices[0].message.reasoning, undefined);
});

const play = (script) => fetch(`${server}/__sim/script`, { method: 'POST', body: JSON.stringify(script) });

test('its own retries outlast a rate limit, a crash and an overload', async () => {
  const statuses = [429, 500, 503];
  await play({
    faults: statuses.map((status, index) => ({
      when: { contains: 'retry me', nth: index + 1 },
      kind: 'status',
      status,
      ...(status === 429 && { retry_after: 0 }),
    })),
  });
  const reply = await client.chat.completions.create(
    { model: chatModel, messages: [{ role: 'user', content: 'Please retry me' }] },
    { maxRetries: 3 },
  );
  assert.equal(reply.choices[0].finish_reason, 'stop');
  await assert.rejects(
    async () => {
      await play({ faults: [{ kind: 'status', status: 429 }] });
      await client.chat.completions.create({ model: chatModel, messages });
    },
    (error) => error instanceof OpenAI.RateLimitError,
  );
  await play({ faults: [] });
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
