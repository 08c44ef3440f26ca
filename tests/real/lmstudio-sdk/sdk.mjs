// SPDX-License-Identifier: MIT
// What the tests of LM Studio's SDK share: its versions, and a world for each group of tests.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';

import * as sdk1 from 'sdk-1';
import * as sdk2 from 'sdk-2';

import { startSimulator } from '../npm/simulator.mjs';

export const chatModel = 'openai/gpt-oss-20b';
export const toolModel = 'mistral-7b';
export const embeddingModel = 'text-embedding-nomic-embed-text-v1.5';

/** How each version takes an API token: 1.5.0 has options for the two halves that 2.0.0 finds in it. */
const versions = [
  {
    version: '1.5.0',
    sdk: sdk1,
    token: (text) => {
      const [, clientIdentifier, clientPasskey] = text.match(/^sk-lm-(.*):(.*)$/);
      return { clientIdentifier, clientPasskey };
    },
  },
  { version: '2.0.0', sdk: sdk2, token: (apiToken) => ({ apiToken }) },
];

/** Registers tests once for each version. `newer`: the version has what came after 1.5.0. */
export function forEachVersion(register) {
  for (const { version, sdk, token } of versions)
    describe(`@lmstudio/sdk ${version}`, () => register({ sdk, token, newer: version !== '1.5.0' }));
}

/** Gives the tests around a `simulator` and a `client`, which must have nothing to complain of: a message that does
 * not fit the SDK's schemas is dropped with no more than a warning. */
export function useSimulator(sdk, { script, speed, options } = {}) {
  const world = { complaints: [] };
  const keep = (...messages) => world.complaints.push(messages.join(' '));
  const logger = { info() {}, debug() {}, warn: keep, error: keep };
  before(async () => {
    world.simulator = await startSimulator(script, speed);
    world.client = new sdk.LMStudioClient({ baseUrl: world.simulator.socket, logger, ...options });
  });
  after(async () => {
    await world.client[Symbol.asyncDispose]();
    await world.simulator.stop();
    assert.deepEqual(world.complaints, []);
  });
  return world;
}

/** The fields of a layered configuration by their keys. */
export const fieldsOf = ({ layers }) =>
  Object.fromEntries(layers.flatMap((layer) => layer.config.fields).map(({ key, value }) => [key, value]));
