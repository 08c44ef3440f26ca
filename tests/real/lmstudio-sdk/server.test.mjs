// SPDX-License-Identifier: MIT
// What LM Studio's own SDK learns about the server itself: version, logs, hardware, downloads, and who may ask.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { eventually } from '../npm/simulator.mjs';
import { forEachVersion, toolModel, useSimulator } from './sdk.mjs';

const goodToken = 'sk-lm-abcdEFGH:abcdefghij0123456789';
const badToken = 'sk-lm-abcdEFGH:wrongwrongwrongwrong';
const guarded = { require_auth: true, api_key: goodToken };

forEachVersion(({ sdk, token, newer }) => {
  const world = useSimulator(sdk);

  test('has a version', async () => {
    const { version, build } = await world.client.system.getLMStudioVersion();
    assert.equal(version, '0.4.23');
    assert.ok(Number.isInteger(build));
  });

  test('streams logs: what a model is asked, and what it answers', async () => {
    const logs = [];
    const stop = world.client.diagnostics.unstable_streamLogs((log) => logs.push(log));
    const model = await world.client.llm.model(toolModel, { verbose: false });
    await eventually(async () => await world.simulator.latest('/diagnostics/streamLogs'));
    const { content, stats } = await model.respond('Hello, how are you?');
    await eventually(() => logs.length === 2);
    const [input, output] = logs;
    assert.ok(output.timestamp >= input.timestamp);
    assert.equal(input.data.type, 'llm.prediction.input');
    assert.equal(input.data.modelIdentifier, toolModel);
    assert.match(input.data.input, /Hello, how are you\?/);
    assert.match(input.data.modelPath, /mistral-7b/);
    assert.equal(output.data.type, 'llm.prediction.output');
    assert.equal(output.data.output, content);
    if (newer) assert.equal(output.data.stats.predictedTokensCount, stats.predictedTokensCount);
    stop();
    await eventually(async () => (await world.simulator.latest('/diagnostics/streamLogs')).outcome !== 'running');
  });

  test('surveys the hardware', { skip: !newer && '1.5.0 has no survey' }, async () => {
    const { status, engines } = await world.client.runtime.surveyHardware();
    assert.equal(status, 'ok');
    assert.equal(engines[0].compatibility.status, 'compatible');
    assert.equal(engines[0].memoryInfo.totalMemory, 128_000_000_000);
    const [engine] = await world.client.runtime.engine.list();
    assert.equal(engine.name, engines[0].name);
    assert.deepEqual(engine.supportedModelFormatNames, ['GGUF']);
  });

  test('finds and downloads a model', async () => {
    const [found] = await world.client.repository.searchModels({ searchTerm: 'phi-3-mini' });
    assert.equal(found.name, 'phi-3-mini');
    const [option] = await found.getDownloadOptions();
    assert.equal(option.sizeBytes, 2_000_000_000);
    const updates = [];
    let finalizing = 0;
    const key = await option.download({
      onProgress: (update) => updates.push(update),
      onStartFinalizing: () => ++finalizing,
    });
    assert.equal(key, 'phi-3-mini');
    assert.equal(finalizing, 1);
    assert.ok(updates.length > 1);
    assert.equal(updates.at(-1).downloadedBytes, updates.at(-1).totalBytes);
    assert.ok(updates.every((each) => each.speedBytesPerSecond > 0));
  });

  test('cancels a download', async () => {
    const [found] = await world.client.repository.searchModels({ searchTerm: 'llama-3-70b' });
    const [option] = await found.getDownloadOptions();
    const cancellation = new AbortController();
    const downloading = option.download({
      signal: cancellation.signal,
      onProgress: () => cancellation.abort(),
    });
    await assert.rejects(downloading);
    const seen = await eventually(async () => {
      const download = await world.simulator.latest('/repository/downloadModel');
      return download.outcome !== 'running' && download;
    });
    assert.equal(seen.outcome, 'stopped');
  });

  describe('where a token is required', () => {
    describe('with that token', () => {
      const allowed = useSimulator(sdk, { script: guarded, options: token(goodToken) });

      test('is let in', async () => {
        assert.equal((await allowed.client.system.getLMStudioVersion()).version, '0.4.23');
        assert.equal((await allowed.client.llm.listLoaded()).length, 2);
      });
    });

    for (const [who, options] of [['another', token(badToken)], ['no', {}]]) {
      describe(`with ${who} token`, () => {
        const refused = useSimulator(sdk, { script: guarded, options });

        test('is refused, with the reason', async () => {
          await assert.rejects(refused.client.system.getLMStudioVersion(), /Failed to authenticate: .+/);
          const complaints = refused.complaints.splice(0);
          assert.ok(complaints.length > 0);
          assert.ok(complaints.every((each) => /authenticate|closed/.test(each)));
        });
      });
    }
  });
});
