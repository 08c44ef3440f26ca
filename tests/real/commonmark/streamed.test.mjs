// SPDX-License-Identifier: MIT
// Answers in Markdown as they stream: the examples of CommonMark 0.30, byte by byte, end in the screen that the whole
// text gives. STREAM_MARKDOWN: the path of the program that shows them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';

import spec from 'commonmark-spec';

// What was shown before is not drawn again when a later block has ended.
const CHANGED_BY_LATER_BLOCKS = {
  218: 'the address of its link is defined in the block after it',
};

test('each example of CommonMark 0.30, streamed byte by byte, ends in the screen of the whole', () => {
  const texts = spec.tests.map((example) => example.markdown.replaceAll('→', '\t'));
  assert.equal(texts.length, 652);
  const output = execFileSync(process.env.STREAM_MARKDOWN, { input: texts.join('\0'), encoding: 'utf8' });
  const lines = output.trimEnd().split('\n');
  assert.equal(lines.pop(), `of ${texts.length}`);
  assert.deepEqual(lines, Object.keys(CHANGED_BY_LATER_BLOCKS));
});
