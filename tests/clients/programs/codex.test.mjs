// Codex CLI: whole turns, at a provider that speaks Responses itself and at those that speak something else; with names
// of models that it does not know, and with names (gpt-...) for which it has tools of its own.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gateway, heard, here, key, modules, place, play, program, run } from './kit.mjs';

program('Codex', '@openai/codex', 'package.json');
const codex = join(modules, '.bin/codex');

function configure({ home }, model, more = '') {
  mkdirSync(join(home, '.codex'), { recursive: true });
  writeFileSync(join(home, '.codex/config.toml'), `model = "${model}"
model_provider = "penstock"
check_for_update_on_startup = false
[model_providers.penstock]
name = "Penstock"
base_url = "${gateway}/v1"
env_key = "PENSTOCK_KEY"
[analytics]
enabled = false
${more}`);
}

async function turn(prompt, where, options = [], variables = {}) {
  const ended = await run(codex, ['exec', ...options, '--skip-git-repo-check',
    '--dangerously-bypass-approvals-and-sandbox', '--json', prompt], where, { PENSTOCK_KEY: key, ...variables });
  const events = ended.out.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line));
  const items = events.filter(event => event.type === 'item.completed').map(event => event.item);
  return { events, items, where, text: items.filter(item => item.type === 'agent_message').at(-1)?.text,
    usage: events.find(event => event.type === 'turn.completed')?.usage,
    failure: events.find(event => event.type === 'turn.failed')?.error?.message, all: ended.out + ended.err };
}

function begin(prompt, model, options, more) {
  const where = place();
  configure(where, model, more);
  return turn(prompt, where, options);
}

const said = (requests, words) => JSON.stringify(requests.at(-1).body).includes(words);
const made = result => {
  const file = join(result.where.work, 'made.txt');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

// For the newest models Codex has one custom tool, in an item of the input, that runs JavaScript, and that has the
// other tools as functions.
const script = (tool, argument, show = 'text') => ({ exec: `${show}(await tools.${tool}(${JSON.stringify(argument)}))` });
const command = words => ({ exec_command: { cmd: words }, shell_command: { command: words },
  ...script('exec_command', { cmd: words }) });
const patch = '*** Begin Patch\n*** Add File: made.txt\n+grown "so"\n*** End Patch\n';

for (const model of ['native:m', 'chat:m', 'claude:m', 'gemini:m', 'gpt-5.6-sol', 'gpt-5.5', 'gpt-5.6-terra', 'gpt-5.6-luna']) {
  test(`Codex at ${model}: a text, with its usage`, async () => {
    await play([{ text: 'The answer is four.' }]);
    const result = await begin('two and two?', model);
    assert.equal(result.text, 'The answer is four.', result.all);
    assert.equal(result.usage.input_tokens, 1000);
    assert.equal(result.usage.output_tokens, 50);
    assert.equal((await heard()).length, 1);
  });

  test(`Codex at ${model}: a command runs once, its output goes back`, async () => {
    await play([{ thought: 'A file is wanted.', text: 'I make it.',
      calls: [command('echo grown >> made.txt; cat made.txt')] }, { text: 'Made.' }]);
    const result = await begin('make the file', model);
    assert.equal(result.text, 'Made.', result.all);
    assert.equal(made(result), 'grown\n');
    const requests = await heard();
    assert.equal(requests.length, 2);
    assert.ok(said(requests, 'grown'));
  });

  test(`Codex at ${model}: two calls at once`, async () => {
    await play([{ calls: [command('echo a >> made.txt'), command('sleep 1; echo b >> made.txt')] }, { text: 'Both.' }]);
    const result = await begin('make two lines', model);
    assert.equal(result.text, 'Both.', result.all);
    assert.equal(made(result), 'a\nb\n');
  });

  // For gpt-5.5 Codex hides them behind its tool_search, which conversions leave out.
  if (model !== 'gpt-5.5')
    test(`Codex at ${model}: a tool of an MCP server, which is a namespace`, async () => {
      await play([{ calls: [{ weather: { city: 'Oslo' }, ...script('mcp__wx__weather', { city: 'Oslo' }) }] },
        { text: 'It rains.' }]);
      const result = await begin('the weather?', model, [],
        `[mcp_servers.wx]\ncommand = "${process.execPath}"\nargs = ["${join(here, 'weather.mjs')}"]\n`);
      assert.equal(result.text, 'It rains.', result.all);
      assert.ok(said(await heard(), 'rain in Oslo'), result.all);
    });

  if (model.startsWith('gpt'))
    test(`Codex at ${model}: a patch by its custom tool`, async () => {
      await play([{ calls: [{ apply_patch: patch, ...script('apply_patch', patch) }] }, { text: 'Patched.' }]);
      const result = await begin('patch it', model);
      assert.equal(result.text, 'Patched.', result.all);
      assert.equal(made(result), 'grown "so"\n', result.all);
    });

  test(`Codex at ${model}: a picture of the user's`, async () => {
    await play([{ text: 'It is red.' }]);
    const where = place();
    configure(where, model);
    const result = await turn('what is this?', where, ['-i', 'dot.png', '--color', 'never']);
    assert.equal(result.text, 'It is red.', result.all);
    assert.match(JSON.stringify((await heard()).at(-1).body), /"image(_url)?"|"input_image"|"inlineData"/);
  });

  test(`Codex at ${model}: a picture that a tool returns, and the turn after it`, async () => {
    const where = place();
    configure(where, model);
    await play([{ calls: [{ view_image: { path: join(where.work, 'dot.png') },
      ...script('view_image', { path: join(where.work, 'dot.png') }, 'image') }] }, { text: 'It is red.' }]);
    const result = await turn('look at dot.png', where);
    assert.equal(result.text, 'It is red.', result.all);
    assert.match(JSON.stringify((await heard()).at(-1).body), /"image(_url)?"|"input_image"|"inlineData"/);
    await play([{ text: 'Still red.' }]);
    const again = await turn('and now?', where, ['resume', '--last']);
    assert.equal(again.text, 'Still red.', again.all);
  });

  test(`Codex at ${model}: goes on where it was`, async () => {
    const where = place();
    configure(where, model);
    await play([{ thought: 'Remember.', text: 'I remember 17.', calls: [command('echo seen')] }, { text: 'Noted.' }]);
    await turn('remember 17', where);
    await play([{ text: 'It was 17.' }]);
    const result = await turn('which number?', where, ['resume', '--last']);
    assert.equal(result.text, 'It was 17.', result.all);
    assert.ok(said(await heard(), 'I remember 17.') && said(await heard(), 'seen'));
  });

  test(`Codex at ${model}: a cut stream is asked again, its command runs once`, async () => {
    await play([{ text: 'Half of an answer that', cut: true }, { calls: [command('echo grown >> made.txt')] },
      { text: 'A whole answer.' }]);
    const result = await begin('go', model);
    assert.equal(result.text, 'A whole answer.', result.all);
    assert.equal(made(result), 'grown\n');
    assert.equal((await heard()).length, 3);
  });

  test(`Codex at ${model}: a 429 is waited for`, async () => {
    await play([{ status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', message: 'Slow down.',
      headers: { 'Retry-After': '1' } }, { text: 'Now.' }]);
    const result = await begin('go', model);
    assert.equal(result.text, 'Now.', result.all);
    assert.equal((await heard()).length, 2);
  });

  test(`Codex at ${model}: an empty account ends the turn at once`, async () => {
    await play(Array(8).fill({ status: 429, type: 'insufficient_quota', code: 'insufficient_quota',
      message: 'You exceeded your current quota, please check your plan and billing details.' }));
    const result = await begin('go', model);
    assert.match(result.failure ?? '', /quota/i, result.all);
    assert.equal((await heard()).length, 1);
  });

  test(`Codex at ${model}: a prompt that is too long is known as such`, async () => {
    await play(Array(8).fill(model === 'gemini:m' ? { status: 400, message:
      'The input token count (250000) exceeds the maximum number of tokens allowed (200000).' }
      : model === 'claude:m' || model === 'gpt-5.6-terra'
      ? { status: 400, type: 'invalid_request_error', message: 'prompt is too long: 250000 tokens > 200000 maximum' }
      : { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded', message:
        "This model's maximum context length is 200000 tokens. However, your messages resulted in 250000 tokens." }));
    const result = await begin('go', model);
    assert.match(result.failure ?? '', /ran out of room|context window/i, result.all);
  });

  test(`Codex at ${model}: overloaded is tried again`, async () => {
    await play([{ status: 503, type: 'overloaded_error', message: 'Overloaded' }, { text: 'Now.' }]);
    const result = await begin('go', model);
    assert.equal(result.text, 'Now.', result.all);
  });
}

test("Codex by its built-in provider: no waiting for a WebSocket", async () => {
  const where = place();
  mkdirSync(join(where.home, '.codex'));
  writeFileSync(join(where.home, '.codex/config.toml'),
    `model = "chat:m"\nopenai_base_url = "${gateway}/v1"\ncheck_for_update_on_startup = false\n`);
  writeFileSync(join(where.home, '.codex/auth.json'), JSON.stringify({ OPENAI_API_KEY: key }));
  await play([{ text: 'At once.' }]);
  const result = await turn('go', where, [], { OPENAI_API_KEY: key, CODEX_API_KEY: key });
  assert.equal(result.text, 'At once.', result.all);
  assert.doesNotMatch(result.all, /Reconnecting/);
});
