// SPDX-License-Identifier: MIT
// The command line sends what it has done to a receiver that reads it with OpenTelemetry's own messages:
// @opentelemetry/otlp-transformer has the code that protobufjs generated from the files of opentelemetry-proto.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { startSimulator } from '../npm/simulator.mjs';

const { opentelemetry } = createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const collector = opentelemetry.proto.collector;
const messages = {
  '/v1/traces': collector.trace.v1.ExportTraceServiceRequest,
  '/v1/metrics': collector.metrics.v1.ExportMetricsServiceRequest,
};

const isId = (key) => key === 'traceId' || key === 'spanId' || key === 'parentSpanId';

/** OTLP's JSON differs from protobuf's in its ids alone: these are hexadecimal. */
function mapped(value, convert) {
  if (Array.isArray(value)) return value.map((each) => mapped(each, convert));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, isId(key) ? convert(each) : mapped(each, convert)]),
  );
}

/** The JSON after a way through protobuf's bytes; what the protocol does not know is lost on it. */
function throughProtobuf(Message, json) {
  const message = Message.fromObject(mapped(json, (id) => Buffer.from(id, 'hex')));
  assert.equal(Message.verify(message), null);
  const read = Message.decode(Message.encode(message).finish());
  const object = Message.toObject(read, { longs: String, bytes: Array });
  return mapped(object, (id) => Buffer.from(id).toString('hex'));
}

const attributes = (owner) => Object.fromEntries(owner.attributes.map(({ key, value }) => [key, value]));

let simulator;
let receiver;
let folder;
const received = [];

before(async () => {
  simulator = await startSimulator();
  receiver = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    received.push({ path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
    response.setHeader('Content-Type', 'application/json').end('{"partialSuccess":{}}');
  });
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  folder = await mkdtemp(join(tmpdir(), 'otlp-'));
  const config = {
    providers: { studio: { plugin: 'lmstudio', base_url: simulator.url } },
    defaults: { model: 'mistral-7b' },
    monitors: { otlp: { endpoint: `http://127.0.0.1:${receiver.address().port}`, headers: { 'X-Key': 'secret' } } },
  };
  await writeFile(join(folder, 'tachikoma.yaml'), JSON.stringify(config)); // JSON is YAML too
  const program = join(dirname(process.env.SIM), 'tachikoma');
  const ask = (...words) => {
    const running = promisify(execFile)(program, ['ask', ...words], { cwd: folder, env: { HOME: folder } });
    running.child.stdin.end(); // else it waits for more of the question
    return running;
  };
  await ask('Hello');
  await assert.rejects(ask('--mirostat', '2', 'Hello'));
});

after(async () => {
  await simulator.stop();
  await promisify(receiver.close.bind(receiver))();
  await rm(folder, { recursive: true });
});

test('each run sends its traces and its metrics, as JSON, with the configured headers', () => {
  assert.deepEqual(
    received.map(({ path }) => path),
    ['/v1/traces', '/v1/metrics', '/v1/traces', '/v1/metrics'],
  );
  for (const { headers } of received) {
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['x-key'], 'secret');
  }
});

test('every field is one of the protocol, with its type', () => {
  for (const { path, body } of received) assert.deepEqual(throughProtobuf(messages[path], body), body);
});

test('a field that the protocol does not have would be noticed, and so would a number of 64 bits with a fraction', () => {
  const Message = messages['/v1/traces'];
  const span = { name: 'x', kind: 3, startTimeUnixNano: '1' };
  const withSpan = (more) => ({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, ...more }] }] }] });
  assert.deepEqual(throughProtobuf(Message, withSpan({})), withSpan({}));
  for (const wrong of [{ nmae: 'y' }, { end_time_unix_nano: '2' }, { startTimeUnixNano: 1.5 }])
    assert.notDeepEqual(throughProtobuf(Message, withSpan(wrong)), withSpan(wrong));
});

test('the spans say what happened', () => {
  const spans = received.filter(({ path }) => path === '/v1/traces').map(({ body }) => body.resourceSpans[0].scopeSpans[0].spans);
  const [[finished], [failed]] = spans;
  assert.equal(finished.name, 'chat mistral-7b');
  assert.match(finished.traceId, /^[0-9a-f]{32}$/);
  assert.match(finished.spanId, /^[0-9a-f]{16}$/);
  assert.notEqual(finished.traceId, failed.traceId);
  assert.ok(BigInt(finished.endTimeUnixNano) > BigInt(finished.startTimeUnixNano));
  assert.ok(Math.abs(Number(BigInt(finished.endTimeUnixNano) / 1_000_000n) - Date.now()) < 600_000);
  assert.equal(attributes(finished)['gen_ai.provider.name'].stringValue, 'studio');
  assert.ok(Number(attributes(finished)['gen_ai.usage.output_tokens'].intValue) > 0);
  assert.equal(failed.status.code, opentelemetry.proto.trace.v1.Status.StatusCode.STATUS_CODE_ERROR);
  assert.equal(attributes(failed)['error.type'].stringValue, 'unsupported');
});

test('the metrics are cumulative', () => {
  const { metrics } = received[1].body.resourceMetrics[0].scopeMetrics[0];
  const duration = metrics.find(({ name }) => name === 'gen_ai.client.inference.duration');
  const cumulative = opentelemetry.proto.metrics.v1.AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
  assert.equal(duration.histogram.aggregationTemporality, cumulative);
  const [point] = duration.histogram.dataPoints;
  assert.equal(point.count, '1');
  assert.equal(point.bucketCounts.length, point.explicitBounds.length + 1);
  const tokens = metrics.find(({ name }) => name === 'gen_ai.client.inference.usage.output_tokens');
  assert.equal(tokens.sum.isMonotonic, true);
});
