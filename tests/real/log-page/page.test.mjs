// SPDX-License-Identifier: MIT
// The page of `tachikoma log stats --html` as a browser shows it. TACHIKOMA, WRITE_LOG: the programs' paths.
// LOG_PAGE_PICTURES: a folder for a picture of each.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const folder = mkdtempSync(join(tmpdir(), 'log-page-'));
let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    args: ['--no-sandbox'], // it is our own page, and root has no sandbox
  });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** The page of a log of that kind, made once; the path of its file. */
function write(kind) {
  const log = join(folder, `${kind}.db`);
  const page = join(folder, `${kind}.html`);
  if (existsSync(page)) return page;
  execFileSync(process.env.WRITE_LOG, [log, kind]);
  execFileSync(process.env.TACHIKOMA, ['log', 'stats', '--file', log, '--html', page], { stdio: 'pipe' });
  return page;
}

/** Opens it, and returns the page, what its console said, and what it asked the network for. */
async function open(kind, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, timezoneId: 'UTC' });
  const page = await context.newPage();
  const said = [];
  const asked = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(write(kind)).href);
  if (process.env.LOG_PAGE_PICTURES)
    await page.screenshot({ path: join(process.env.LOG_PAGE_PICTURES, `${kind}-${width}-${colorScheme}.png`), fullPage: true });
  return { page, said, asked, close: () => context.close() };
}

/** What is wrong with how it is laid out: what is too wide, what lies on what, what is hard to read. */
const faults = (page) =>
  page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth - root.clientWidth} too wide`);
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = numbers(color).map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = luminance(getComputedStyle(document.body).backgroundColor);
    const contrast = (color) => {
      const [dark, light] = [background, luminance(color)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const boxes = [];
    for (const element of document.querySelectorAll('h1, h2, p, .name, .value, .axis span')) {
      if (element.scrollWidth > element.clientWidth && element.clientWidth > 0) found.push(`cut off: ${element.textContent}`);
      const ratio = contrast(getComputedStyle(element).color);
      if (ratio < 4.5) found.push(`contrast ${ratio}: ${element.textContent}`);
      const range = document.createRange();
      range.selectNodeContents(element);
      const [all, own] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
      const clipped = getComputedStyle(element).overflow === 'hidden'; // a name of many lines, on purpose
      boxes.push({ text: element.textContent, box: clipped ? own : all });
    }
    for (const element of document.querySelectorAll('.bar, svg'))
      if (contrast(getComputedStyle(element)[element.tagName === 'svg' ? 'fill' : 'backgroundColor']) < 3)
        found.push('a bar is hard to see');
    for (let i = 0; i < boxes.length; ++i)
      for (let j = i + 1; j < boxes.length; ++j) {
        const [a, b] = [boxes[i].box, boxes[j].box];
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
          found.push(`'${boxes[i].text}' lies on '${boxes[j].text}'`);
      }
    return found;
  });

for (const kind of ['many', 'one', 'hostile', 'empty'])
  for (const width of [400, 1400])
    for (const scheme of ['light', 'dark'])
      test(`the page of ${kind} fits and is readable at ${width} pixels, ${scheme}`, async () => {
        const { page, said, asked, close } = await open(kind, width, scheme);
        assert.deepEqual(await faults(page), []);
        assert.deepEqual(said, []);
        assert.deepEqual(asked, [page.url()]);
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        assert.equal(await page.locator('section').count(), kind === 'empty' ? 0 : 6);
        await close();
      });

test('light and dark are two themes', async () => {
  const colors = [];
  for (const scheme of ['light', 'dark']) {
    const { page, close } = await open('one', 400, scheme);
    colors.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    await close();
  }
  assert.notEqual(colors[0], colors[1]);
});

test('the slow model is marked in each panel of time, and the others are not', async () => {
  const { page, close } = await open('many', 1400, 'light');
  const slow = await page.locator('.slow .name').allTextContents();
  const name = 'lmstudio::qwen/qwen2.5-coder-32b-instruct-with-a-long-name-Q4_K_M';
  assert.deepEqual(slow, [name, name, name]);
  assert.match(await page.locator('section').first().locator('.slow .value').textContent(), /^[789]\.\d+ tokens\/s, slowest$/);
  await close();
});

test('a figure that is zero has no bar', async () => {
  const { page, close } = await open('one', 400, 'light');
  assert.deepEqual(await page.locator('section').filter({ hasText: 'Switches' }).locator('.bar').count(), 0);
  assert.deepEqual(await page.locator('section').filter({ hasText: 'Speed' }).locator('.bar').count(), 1);
  await close();
});

test('an empty log is a page that says so', async () => {
  const { page, close } = await open('empty', 400, 'light');
  assert.equal(await page.locator('#summary').textContent(), 'There is nothing in the log to show.');
  await close();
});
