// SPDX-License-Identifier: MIT
// The simulator as an application sees it through OpenAI's own client.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import OpenAI from 'openai';

import { eventually, startSimulator } from '../npm/simulator.mjs';

const chatModel = 'openai/gpt-oss-20b';
const embeddingModel = 'text-embedding-nomic-embed-text-v1.5';
const messages = [{ role: 'user', content: 'Hello, how are you?' }];

const connect = (simulator, options = {}) =>
  new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'none', maxRetries: 0, timeout: 20_000, ...options });

let simulator;
let client;

before(async () => {
  simulator = await startSimulator();
  client = connect(simulator);
});

after(() => simulator.stop());

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

const stopped = async () => (await simulator.state()).counters.stopped;

test('an aborted stream ends, and the server sees it', async () => {
  assert.equal(await stopped(), 0);
  const stream = await client.chat.completions.create({ model: chatModel, messages, stream: true });
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    stream.controller.abort();
  }
  await eventually(async () => (await stopped()) === 1);
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

test('its own retries outlast a rate limit, a crash and an overload', async () => {
  const statuses = [429, 500, 503];
  await simulator.play({
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
      await simulator.play({ faults: [{ kind: 'status', status: 429 }] });
      await client.chat.completions.create({ model: chatModel, messages });
    },
    (error) => error instanceof OpenAI.RateLimitError,
  );
  await simulator.play({ faults: [] });
});

test('sends its settings', async () => {
  const settings = { temperature: 0.3, top_p: 0.9, seed: 7, stop: ['standing', 'speaking', 'in the role', 'pretending'] };
  const reply = await client.chat.completions.create({ model: 'mistral-7b', messages, ...settings });
  assert.equal(reply.choices[0].finish_reason, 'stop');
  assert.equal(reply.choices[0].message.content, 'This is lmstudio-sim, ');
  const { body, outcome } = await simulator.latest('/v1/chat/completions');
  assert.deepEqual({ ...body, ...settings }, body);
  assert.equal(outcome, 'completed');
});

test('looks at an image', async () => {
  const url = 'data:image/png;base64,iVBORw0KGgo=';
  const content = [{ type: 'text', text: 'What do you see?' }, { type: 'image_url', image_url: { url } }];
  const seen = await client.chat.completions.create({ model: 'gemma-3-12b', messages: [{ role: 'user', content }] });
  assert.match(seen.choices[0].message.content, /I see an image: image\/png, 8 bytes/);
  await assert.rejects(
    client.chat.completions.create({ model: 'mistral-7b', messages: [{ role: 'user', content }] }),
    (error) => error instanceof OpenAI.BadRequestError && /does not support images/.test(error.message),
  );
});

test('parses what it streams', async () => {
  const runner = client.chat.completions.stream({
    model: 'mistral-7b',
    messages: [{ role: 'user', content: 'Name the city: "Oslo"' }],
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'place',
        strict: true,
        schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    },
  });
  const [choice] = (await runner.finalChatCompletion()).choices;
  assert.deepEqual(JSON.parse(choice.message.content), { city: 'Oslo' });
});

test('completes a prompt, whole and streamed', async () => {
  const request = { model: 'mistral-7b', prompt: 'The meaning of life is', max_tokens: 5 };
  const whole = await client.completions.create(request);
  assert.equal(whole.object, 'text_completion');
  assert.equal(whole.choices[0].finish_reason, 'length');
  assert.deepEqual(
    [whole.usage.prompt_tokens, whole.usage.completion_tokens],
    [5, 5],
  );
  let text = '';
  for await (const chunk of await client.completions.create({ ...request, stream: true })) text += chunk.choices[0].text;
  assert.equal(text, whole.choices[0].text);
});

test('finds one model by its name', async () => {
  assert.equal((await client.models.retrieve(chatModel)).id, chatModel);
  await assert.rejects(client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});

test('refuses a model that it does not have', async () => {
  for (const ask of [
    () => client.chat.completions.create({ model: 'no-such-model', messages }),
    () => client.chat.completions.create({ model: 'no-such-model', messages, stream: true }),
    () => client.embeddings.create({ model: 'no-such-model', input: 'a text' }),
  ])
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.code, 'model_not_found');
      assert.equal(error.param, 'model');
      assert.match(error.message, /no-such-model.*mistral-7b/);
      return true;
    });
});

test('refuses what LM Studio does not take', async () => {
  const refusal = (more, reason) =>
    assert.rejects(
      client.chat.completions.create({ model: 'mistral-7b', messages, ...more }),
      (error) => error instanceof OpenAI.BadRequestError && reason.test(error.message),
    );
  const named = { type: 'function', function: { name: 'get_current_weather' } };
  await refusal({ tools: [weatherTool], tool_choice: named }, /Invalid tool_choice type: 'object'/);
  await refusal({ response_format: { type: 'json_object' } }, /must be 'json_schema' or 'text'/);
  await refusal({ model: 'huge' }, /insufficient system resources/);
  await refusal({ messages: [{ role: 'user', content: 'word '.repeat(40_000) }] }, /greater than the context length/);
});

test('fails with the reason amid a stream', async () => {
  await simulator.play({ faults: [{ kind: 'error', after_tokens: 2 }] });
  const pieces = [];
  await assert.rejects(
    async () => {
      const stream = await client.chat.completions.create({ model: 'mistral-7b', messages, stream: true });
      for await (const chunk of stream) pieces.push(chunk.choices[0].delta.content ?? '');
    },
    (error) => error instanceof OpenAI.APIError && /The model has crashed/.test(error.message),
  );
  assert.equal(pieces.filter(Boolean).length, 2);
  await simulator.play({});
});

test('notices a connection that ends, and one that is silent', async () => {
  await simulator.play({ faults: [{ kind: 'reset' }] });
  await assert.rejects(client.chat.completions.create({ model: 'mistral-7b', messages }), OpenAI.APIConnectionError);
  await simulator.play({ faults: [{ kind: 'stall' }] });
  await assert.rejects(
    client.chat.completions.create({ model: 'mistral-7b', messages }, { timeout: 50 }),
    OpenAI.APIConnectionTimeoutError,
  );
  await simulator.play({});
});

test('gets an error in a success for a route that LM Studio does not have', async () => {
  const reply = await client.get('/no/such/route');
  assert.equal(reply.error, 'Unexpected endpoint or method. (GET /v1/no/such/route)');
});

describe('where a token is required', () => {
  const token = 'sk-lm-abcdEFGH:abcdefghij0123456789';
  let guarded;
  before(async () => (guarded = await startSimulator({ api_key: token })));
  after(() => guarded.stop());

  test('is let in with it', async () => {
    const reply = await connect(guarded, { apiKey: token }).chat.completions.create({ model: 'mistral-7b', messages });
    assert.equal(reply.model, 'mistral-7b');
    const { headers } = await guarded.latest('/v1/chat/completions');
    assert.equal(headers.authorization, `Bearer ${token}`);
  });

  test('is refused without it, with the reason', async () => {
    for (const [apiKey, reason] of [['lm-studio', /Malformed/], ['sk-lm-abcdEFGH:wrongwrongwrongwrong', /token/]])
      await assert.rejects(connect(guarded, { apiKey }).models.list(), (error) => {
        assert.ok(error instanceof OpenAI.AuthenticationError);
        assert.equal(error.status, 401);
        assert.equal(error.code, 'invalid_api_key');
        assert.match(error.message, reason);
        return true;
      });
  });
});
