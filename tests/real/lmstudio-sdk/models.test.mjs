// SPDX-License-Identifier: MIT
// Listing, loading, inspecting and unloading models through LM Studio's own SDK.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { eventually } from '../npm/simulator.mjs';
import { chatModel, embeddingModel, fieldsOf, forEachVersion, toolModel, useSimulator } from './sdk.mjs';

forEachVersion(({ sdk, newer }) => {
  const world = useSimulator(sdk);
  const loaded = async () => (await world.simulator.state()).loaded;

  test('lists what is downloaded', async () => {
    const models = await world.client.system.listDownloadedModels();
    const model = models.find((each) => each.modelKey === chatModel);
    assert.equal(model.type, 'llm');
    assert.equal(model.format, 'gguf');
    assert.equal(model.displayName, 'GPT-OSS 20B');
    assert.equal(model.sizeBytes, 12_109_566_560);
    assert.equal(model.paramsString, '20B');
    assert.equal(model.architecture, 'gpt-oss');
    assert.equal(model.maxContextLength, 131_072);
    assert.equal(model.vision, false);
    assert.equal(model.trainedForToolUse, true);
    assert.match(model.path, /gpt-oss-20b/);
    assert.ok(models.some((each) => each.modelKey === 'gemma-3-12b' && each.vision));
    const embedding = await world.client.system.listDownloadedModels('embedding');
    assert.deepEqual(embedding.map((each) => [each.modelKey, each.sizeBytes]), [[embeddingModel, 84_106_624]]);
  });

  test('lists what is loaded', async () => {
    const ids = (await world.client.llm.listLoaded()).map((each) => each.identifier);
    assert.deepEqual(ids.sort(), [toolModel, chatModel]);
  });

  const common = {
    evalBatchSize: 512,
    flashAttention: true,
    keepModelInMemory: true,
    tryMmap: false,
    seed: 42,
    gpu: { ratio: 0.5, mainGpu: 0, splitStrategy: 'favorMainGpu', disabledGpus: [1] },
    llamaKCacheQuantizationType: 'q8_0',
  };
  // 1.5.0 takes `offloadKVCacheToGpu`, but does not send it
  const full = newer ? { autoFit: false, ...common, offloadKVCacheToGpu: false, maxParallelPredictions: 2 } : common;

  test('loads with all settings, tells the progress, and reads back what was applied', async () => {
    const progress = [];
    const model = await world.client.llm.load('phi-3-mini', {
      identifier: 'full',
      ttl: 300,
      config: { ...full, contextLength: 2048 },
      verbose: false,
      onProgress: (each) => progress.push(each),
    });
    assert.ok(progress.length > 2);
    assert.deepEqual(progress, [...progress].sort((a, b) => a - b));
    assert.equal(progress.at(-1), 1);

    const { body } = await world.simulator.latest('/llm/loadModel');
    assert.equal(body.modelKey, 'phi-3-mini');
    assert.equal(body.ttlMs, 300_000);
    const sent = fieldsOf(body.loadConfigStack);
    assert.equal(sent['llm.load.contextLength'], 2048);
    assert.equal(sent['llm.load.llama.acceleration.offloadRatio'], 0.5);
    assert.deepEqual(sent['load.gpuSplitConfig'].disabledGpus, [1]);
    assert.deepEqual(sent['llm.load.seed'], { checked: true, value: 42 });

    assert.equal(await model.getContextLength(), 2048);
    const applied = newer ? await model.getLoadConfig() : await rawLoadConfig(model);
    for (const [key, value] of Object.entries({ ...full, contextLength: 2048 })) {
      if (key !== 'gpu') assert.deepEqual(applied[key], value, key);
    }
    assert.equal(applied.gpu.ratio, 0.5);
    assert.deepEqual(applied.gpu.disabledGpus, [1]);
    await model.unload();
  });

  // 1.5.0 reads a load configuration, but offers it to nobody: its fields under their names of the API.
  async function rawLoadConfig(model) {
    const fields = fieldsOf({ layers: [{ config: await model.getLoadConfig('test') }] });
    const plain = (value) => (value?.checked === undefined ? value : value.value);
    const named = { gpu: { ratio: fields['llm.load.llama.acceleration.offloadRatio'] } };
    named.gpu.disabledGpus = fields['load.gpuSplitConfig'].disabledGpus;
    named.llamaKCacheQuantizationType = plain(fields['llm.load.llama.kCacheQuantizationType']);
    for (const [key, value] of Object.entries(fields)) named[key.split('.').at(-1)] ??= plain(value);
    return named;
  }

  test('tells about a loaded model', async () => {
    const model = await world.client.llm.load('phi-3-mini', { identifier: 'told', ttl: 60, verbose: false });
    const info = await model.getModelInfo();
    assert.equal(info.identifier, 'told');
    assert.equal(info.modelKey, 'phi-3-mini');
    if (newer) assert.equal(info.ttlMs, 60_000);
    assert.equal((await world.simulator.latest('/llm/loadModel')).body.ttlMs, 60_000);
    assert.equal(info.contextLength, await model.getContextLength());
    assert.equal(await world.client.llm.createDynamicHandle('ghost').getModelInfo(), undefined);
    await model.unload();
  });

  test('gives a second instance of a model its own name', async () => {
    const second = await world.client.llm.load(toolModel, { verbose: false });
    assert.equal(second.identifier, `${toolModel}:2`);
    await second.unload();
    assert.ok((await loaded()).includes(toolModel));
  });

  test('asks for a model, which is loaded then if it is not', async () => {
    const before = await world.client.llm.model(chatModel, { verbose: false });
    assert.equal(before.identifier, chatModel);
    const model = await world.client.llm.model('qwen3-8b', { verbose: false });
    assert.equal(model.identifier, 'qwen3-8b');
    assert.ok((await loaded()).includes('qwen3-8b'));
    await model.unload();
  });

  test('names the models that there are when one is unknown', async () => {
    await assert.rejects(world.client.llm.load('no-such-model', { verbose: false }), (error) => {
      assert.match(error.message, /no-such-model/);
      assert.match(error.message, /mistral-7b|openai\/gpt-oss/);
      return true;
    });
    assert.equal((await world.simulator.latest('/llm/loadModel')).outcome, 'completed');
  });

  test('does not load what does not fit, and says how much it takes', async () => {
    await assert.rejects(
      world.client.llm.load('huge', { verbose: false }),
      /insufficient system resources.*approximately [\d.]+ GB/s,
    );
    assert.ok(!(await loaded()).includes('huge'));
  });

  test('estimates what a load takes', { skip: !newer && '1.5.0 has no estimates' }, async () => {
    const small = await world.client.llm.estimateResourcesUsage(toolModel, { contextLength: 4096, gpu: { ratio: 'max' } });
    const large = await world.client.llm.estimateResourcesUsage(toolModel, { contextLength: 32_768, gpu: { ratio: 'max' } });
    assert.ok(small.memory.modelBytes >= 4_000_000_000);
    assert.equal(small.memory.totalBytes, small.memory.modelBytes + small.memory.contextBytes);
    assert.ok(large.memory.contextBytes > small.memory.contextBytes);
    assert.equal(small.passesGuardrails, true);
    assert.equal((await world.client.llm.estimateResourcesUsage('huge', {})).passesGuardrails, false);
    const { body } = await world.simulator.latest('/llm/estimateModelUsage');
    assert.equal(body.modelKey, 'huge');
  });

  test('tells when a model is idle', { skip: !newer && '1.5.0 has no processing state' }, async () => {
    const model = await world.client.llm.model(chatModel);
    assert.deepEqual(await model.getInstanceProcessingState(), { status: 'idle', queued: 0 });
  });

  test('loads an embedding model with its own settings', async () => {
    const model = await world.client.embedding.load(embeddingModel, {
      identifier: 'own',
      config: { contextLength: 1024 },
      verbose: false,
    });
    assert.equal(await model.getContextLength(), 1024);
    assert.deepEqual((await world.client.embedding.listLoaded()).map((each) => each.identifier), ['own']);
    await model.unload();
  });

  test('unloads by handle and by name', async () => {
    const model = await world.client.llm.load('phi-3-mini', { identifier: 'first', verbose: false });
    await world.client.llm.load('phi-3-mini', { identifier: 'second', verbose: false });
    await model.unload();
    assert.ok(!(await loaded()).includes('first'));
    await world.client.llm.unload('second');
    assert.ok(!(await loaded()).includes('second'));
    await assert.rejects(world.client.llm.unload('ghost'), /ghost/);
  });

  describe('a load that takes an hour', () => {
    const slow = useSimulator(sdk, { script: { models: [{ key: 'slow', load_time: '1h' }] } });

    test('is cancelled', async () => {
      const cancellation = new AbortController();
      const loading = slow.client.llm.load('slow', {
        signal: cancellation.signal,
        verbose: false,
        onProgress: () => cancellation.abort(),
      });
      await assert.rejects(loading, { name: 'AbortError' });
      const load = await eventually(async () => {
        const seen = await slow.simulator.latest('/llm/loadModel');
        return seen.outcome !== 'running' && seen;
      });
      assert.equal(load.outcome, 'stopped');
      assert.deepEqual((await slow.simulator.state()).loaded, []);
      assert.deepEqual(await slow.client.llm.listLoaded(), []);
    });
  });
});
