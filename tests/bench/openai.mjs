// SPDX-License-Identifier: MIT
// The npm client `openai` as the others of the benchmark: node openai.mjs WORKLOAD TARGET UNITS [SIZE]
import fs from 'node:fs';

import OpenAI from 'openai';

const [workload, baseURL, unitsText, sizeText] = process.argv.slice(2);
const units = Number(unitsText);
const size = Number(sizeText ?? 0);
const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const model = 'openai/gpt-oss-20b';
const tally = { answers: 0, chunks: 0, bytes: 0 };
let messages = [{ role: 'user', content: 'go' }];
let sampled;

const fromStatus = (name) => Number(fs.readFileSync('/proc/self/status', 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
const sample = () => { sampled = { threads: fromStatus('Threads'), rss_kb: fromStatus('VmRSS') }; };

async function stream(chunks, onChunk = () => {}) {
  const events = await client.chat.completions.create({ model, messages, max_tokens: chunks, stream: true });
  for await (const event of events) {
    const content = event.choices[0]?.delta?.content;
    if (content === undefined) continue;
    tally.chunks += 1;
    tally.bytes += Buffer.byteLength(content);
    onChunk();
  }
  tally.answers += 1;
}

async function inTurn(count, one) {
  for (let i = 0; i < count; ++i) await one();
  tally.chunks = 0;
}

async function json() {
  const reply = await client.chat.completions.create({ model, messages, max_tokens: 1 });
  tally.answers += 1;
  tally.bytes += Buffer.byteLength(reply.choices[0].message.content);
}

async function concurrent(count, width) {
  let left = count;
  const worker = async () => { while (left-- > 0) await stream(1); };
  await Promise.all(Array.from({ length: width }, worker));
  tally.chunks = 0;
}

async function hold(count) {
  let open = 0;
  await Promise.all(Array.from({ length: count }, () => stream(1, () => { if (++open === count) sample(); })));
}

async function question() {
  const runner = client.chat.completions.runTools({
    model,
    messages,
    max_tokens: 1,
    stream: true,
    tools: [{
      type: 'function',
      function: {
        name: 'weather',
        description: 'The weather at a place',
        parameters: { type: 'object', properties: { place: { type: 'string', description: 'City' } }, required: ['place'] },
        parse: JSON.parse,
        function: ({ place }) => `Sunny in ${place}`,
      },
    }],
  });
  tally.bytes += Buffer.byteLength(await runner.finalContent());
  tally.answers += 1;
}

async function embed() {
  const input = Array(16).fill(messages[0].content);
  const reply = await client.embeddings.create({ model, input, encoding_format: 'float' });
  tally.answers += 1;
  for (const { embedding } of reply.data) tally.chunks += embedding.length;
}

const streams = (count) => Promise.all(Array.from({ length: size }, () => stream(count / size)));
const requests = (count) => inTurn(count, () => stream(1));
// [what to run, units to warm up with]
const workloads = {
  stream: [stream, 2000],
  range: [stream, 2000],
  paced: [stream, 10],
  streams: [streams, 3200],
  'paced-streams': [streams, 640],
  requests: [requests, 100],
  prompt: [requests, 10],
  history: [requests, 10],
  json: [(count) => inTurn(count, json), 100],
  concurrent: [(count) => concurrent(count, size), 640],
  hold: [hold, 0],
  tools: [(count) => inTurn(count, question), 20],
  embed: [async (count) => { for (let i = 0; i < count; ++i) await embed(); }, 10],
  cold: [requests, 0],
};

const text = 'The quick brown fox jumps over the lazy dog, and "nobody" knows why it does so. ';
if (workload === 'prompt') messages = [{ role: 'user', content: text.repeat(Math.ceil(size / text.length)) }];
if (workload === 'history')
  messages = Array.from({ length: size }, (_, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content: text.repeat(2) }));

const [run, warmUp] = workloads[workload];
if (warmUp > 0) await run(Math.min(warmUp, units));
Object.assign(tally, { answers: 0, chunks: 0, bytes: 0 });
const start = performance.now();
const before = process.cpuUsage();
await run(units);
const { user, system } = process.cpuUsage(before);
const wall_us = (performance.now() - start) * 1000;
if (!sampled) sample();
console.log(JSON.stringify({ ...tally, cpu_us: user + system, wall_us, peak_kb: fromStatus('VmHWM'), allocations: 0, ...sampled }));
process.exit(0);
