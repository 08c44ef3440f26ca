// SPDX-License-Identifier: MIT
// lmstudio-sim for tests of npm packages. SIM: the path of the program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts a simulator of its own; `script`: what differs from the default world. */
export async function startSimulator(script = {}, speed = 200) {
  const folder = await mkdtemp(join(tmpdir(), 'lmstudio-sim-'));
  const file = join(folder, 'script.yaml');
  await writeFile(file, JSON.stringify(script)); // JSON is YAML too
  const program = spawn(
    process.env.SIM,
    ['--port', '0', '--speed', String(speed), '--exit-with-stdin', '--script', file],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const gone = once(program, 'exit');
  const started = once(createInterface({ input: program.stdout }), 'line');
  const line = await Promise.race([started, gone.then(([code]) => Promise.reject(`lmstudio-sim: exit ${code}`))]);
  const { port } = JSON.parse(line[0]);
  const url = `http://127.0.0.1:${port}`;
  const state = async () => (await fetch(`${url}/__sim/state`)).json();
  return {
    url,
    socket: `ws://127.0.0.1:${port}`,
    state,
    /** The latest request of that path, as the simulator saw it. */
    latest: async (path) => (await state()).requests.filter((each) => each.path === path).at(-1),
    /** Replaces the replies and faults in play. */
    play: (cards) => fetch(`${url}/__sim/script`, { method: 'POST', body: JSON.stringify(cards) }),
    async stop() {
      program.stdin.end();
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}

/** Waits until `look` gives something true, and returns it. What the simulator records has no event to wait for. */
export async function eventually(look) {
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
