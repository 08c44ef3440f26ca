// SPDX-License-Identifier: MIT
// The lines that `tachikoma batch` writes, read by OpenAI's own client as the answers that they are.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import OpenAI from 'openai';

import { startSimulator } from '../npm/simulator.mjs';

const chat = (custom_id, body) => ({ custom_id, method: 'POST', url: '/v1/chat/completions', body });
const person = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] };
const weather = {
  name: 'get_weather',
  description: 'Weather at a place',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
};
const messages = (content) => [{ role: 'user', content }];
const requests = [
  chat('text', { model: 'mistral-7b', messages: messages('Hello, how are you?') }),
  chat('object', {
    model: 'mistral-7b',
    messages: messages('Ada is 36'),
    response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person, strict: true } },
  }),
  chat('call', {
    model: 'mistral-7b',
    messages: messages('What is the weather in Tokyo?'),
    tools: [{ type: 'function', function: weather }],
    tool_choice: 'required',
  }),
  {
    custom_id: 'vectors',
    method: 'POST',
    url: '/v1/embeddings',
    body: { model: 'text-embedding-nomic-embed-text-v1.5', input: ['one', 'two'], encoding_format: 'float' },
  },
  chat('missing', { model: 'no-such-model', messages: messages('Hello') }),
];

let simulator;
let folder;
let lines;
let failures;

const linesOf = async (name) => (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n').map(JSON.parse);

/** A client to which that line is the server's answer. */
const answering = (line) =>
  new OpenAI({
    apiKey: 'none',
    fetch: async () =>
      new Response(JSON.stringify(line.response.body), {
        status: line.response.status_code,
        headers: { 'content-type': 'application/json', 'x-request-id': line.response.request_id },
      }),
  });

before(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), 'tachikoma-batch-'));
  await writeFile(join(folder, 'in.jsonl'), requests.map((each) => JSON.stringify(each) + '\n').join(''));
  await writeFile(
    join(folder, 'tachikoma.yaml'),
    `providers: {lmstudio: {plugin: lmstudio, base_url: '${simulator.url}'}}\n`,
  );
  const program = join(dirname(process.env.SIM), 'tachikoma');
  const ended = await promisify(execFile)(program, ['batch', 'in.jsonl', '-o', 'out.jsonl'], { cwd: folder }).catch(
    (error) => error,
  );
  assert.equal(ended.code, 12, ended.stderr);
  lines = await linesOf('out.jsonl');
  failures = await linesOf('out.errors.jsonl');
});

after(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true });
});

test('has a line for each answer, in the order of the requests', () => {
  assert.deepEqual(lines.map((each) => each.custom_id), ['text', 'object', 'call', 'vectors']);
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ['id', 'custom_id', 'response', 'error']);
    assert.equal(line.error, null);
  }
});

test('a completion is one to the client', async () => {
  const reply = await answering(lines[0]).chat.completions.create(requests[0].body);
  assert.equal(reply._request_id, lines[0].response.request_id);
  assert.match(reply.choices[0].message.content, /\S/);
  assert.equal(reply.choices[0].finish_reason, 'stop');
  assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
});

test('an object and a call are parsed by the client', async () => {
  const object = await answering(lines[1]).chat.completions.parse(requests[1].body);
  assert.deepEqual(object.choices[0].message.parsed, { age: 36 });
  const strict = { ...requests[2].body, tools: [{ type: 'function', function: { ...weather, strict: true } }] };
  const call = await answering(lines[2]).chat.completions.parse(strict);
  assert.equal(call.choices[0].finish_reason, 'tool_calls');
  assert.match(call.choices[0].message.tool_calls[0].function.parsed_arguments.location, /Tokyo/);
});

test('embeddings are what the client makes vectors of', async () => {
  const reply = await answering(lines[3]).embeddings.create(requests[3].body);
  assert.deepEqual(reply.data.map((each) => each.embedding.length), [768, 768]);
});

test('a line that failed has an error, and no response', () => {
  assert.deepEqual(failures.map((each) => [each.custom_id, each.response, each.error.code]), [
    ['missing', null, 'model_not_found'],
  ]);
  assert.match(failures[0].error.message, /no-such-model/);
});
