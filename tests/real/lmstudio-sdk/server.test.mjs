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
    await eventually(async () => (await world.simulator.latest('/diagnostics/streamLogs'))?.notes.length > 0);
    const { content, stats } = await model.respond('Hello, how are you?');
    await eventually(() => logs.length === (newer ? 2 : 1));
    const [input, output] = logs;
    assert.equal(input.data.type, 'llm.prediction.input');
    assert.equal(input.data.modelIdentifier, toolModel);
    assert.match(input.data.input, /Hello, how are you\?/);
    assert.match(input.data.modelPath, /mistral-7b/);
    if (newer) {
      assert.ok(output.timestamp >= input.timestamp);
      assert.equal(output.data.type, 'llm.prediction.output');
      assert.equal(output.data.output, content);
      assert.equal(output.data.stats.predictedTokensCount, stats.predictedTokensCount);
    } else {
      await eventually(() => world.complaints.length > 0); // 1.5.0 does not know the answer's event
      assert.match(world.complaints.splice(0).join(), /Expected 'llm.prediction.input'/);
    }
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

  describe('with a model that is not here yet', () => {
    const script = { models: [{ key: 'far', on_disk: false, size: '2GB', download_time: '200ms' }] };
    const remote = useSimulator(sdk, { script });

    test('finds and downloads one', async () => {
      const [found] = await remote.client.repository.searchModels({ searchTerm: 'far' });
      assert.equal(found.name, 'far');
      const [far] = await found.getDownloadOptions();
      assert.equal(far.sizeBytes, 2_000_000_000);
      assert.equal(far.isRecommended(), true);
      const updates = [];
      let finalizing = 0;
      const key = await far.download({
        onProgress: (update) => updates.push(update),
        onStartFinalizing: () => ++finalizing,
      });
      assert.equal(key, 'far');
      assert.equal(finalizing, 1);
      assert.ok(updates.length > 1);
      assert.deepEqual(updates.at(-1), {
        downloadedBytes: 2_000_000_000,
        totalBytes: 2_000_000_000,
        speedBytesPerSecond: 10_000_000_000,
      });
      const models = await remote.client.system.listDownloadedModels();
      assert.deepEqual(models.map((each) => each.modelKey), ['far']);
    });
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
