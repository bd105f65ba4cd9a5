// What the tests of programs share: scripts for the provider, a home and a folder of work for each turn, and the run of
// a program in them.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const gateway = process.env.BASE_URL; // .../llm, without /v1
export const here = dirname(fileURLToPath(import.meta.url));
export const modules = join(here, 'node_modules');
export const key = 'program-key';

// The program of a package that has one for each kind of machine. Without it nothing of the file runs.
export function program(title, package_name, path) {
  const found = join(modules, `${package_name}-${process.platform}-${process.arch}`, path);
  if (existsSync(found)) return found;
  console.log(`could not run: ${title}: npm has no program for this machine`);
  return process.exit(0);
}

// A picture of one red dot.
export const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

async function provider(path, body) {
  const answer = await fetch(`${process.env.PROVIDER}${path}`,
    body && { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}

export const play = (steps, tools_only = false) => provider('/_play', { steps, tools_only });

// The requests of the turn itself; titles and the like are left out.
export const heard = async () => (await provider('/_heard')).filter(request => !request.side);

// A home and a folder to work in that nothing else uses.
export function place() {
  const top = mkdtempSync(join(process.env.PLACES, 'turn-'));
  const found = { home: join(top, 'home'), work: join(top, 'work') };
  for (const folder of Object.values(found)) mkdirSync(folder);
  writeFileSync(join(found.work, 'dot.png'), Buffer.from(dot, 'base64'));
  return found;
}

export function run(program, options, { home, work }, variables = {}, seconds = 60) {
  return new Promise(resolve => {
    const child = spawn(program, options, { cwd: work, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
      env: { PATH: process.env.PATH, HOME: home, TERM: 'dumb', LANG: 'C.UTF-8', ...variables } });
    const ended = { out: '', err: '' };
    child.stdout.on('data', bytes => { ended.out += bytes; });
    child.stderr.on('data', bytes => { ended.err += bytes; });
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), seconds * 1000);
    child.on('close', code => { clearTimeout(timer); resolve({ ...ended, code }); });
    child.on('error', error => resolve({ ...ended, code: String(error) }));
  });
}
