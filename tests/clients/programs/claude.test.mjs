// Claude Code: whole turns, at a provider that speaks Messages itself and at those that speak something else.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gateway, heard, here, key, place, play, program, run } from './kit.mjs';

const claude = program('Claude Code', '@anthropic-ai/claude-code', 'claude');

function ask(prompt, model, where, options = [], variables = {}) {
  return run(claude, ['-p', prompt, '--dangerously-skip-permissions', '--output-format', 'json',
    ...options], where, { ANTHROPIC_BASE_URL: gateway, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model, IS_SANDBOX: '1',
    DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '2', ...variables });
}

async function turn(prompt, model, where = place(), options = [], variables = {}) {
  const ended = await ask(prompt, model, where, options, variables);
  try {
    return { ...JSON.parse(ended.out.trim().split('\n').at(-1)), where };
  } catch {
    assert.fail(`no result: ${JSON.stringify(ended)}`);
  }
}

const said = (requests, words) => JSON.stringify(requests.at(-1).body).includes(words);

for (const model of ['native:m', 'chat:m', 'open:m', 'gemini:m']) {
  test(`Claude Code at ${model}: a text, with its usage`, async () => {
    await play([{ text: 'The answer is four.' }], true);
    const result = await turn('two and two?', model);
    assert.equal(result.result, 'The answer is four.');
    assert.equal(result.subtype, 'success');
    assert.equal(result.usage.input_tokens, 1000);
    assert.equal(result.usage.output_tokens, 50);
  });

  test(`Claude Code at ${model}: a command runs once, its output goes back`, async () => {
    await play([{ thought: 'A file is wanted.', text: 'I make it.',
      calls: [{ Bash: { command: 'echo grown >> made.txt; cat made.txt', description: 'make' } }] },
    { text: 'Made.' }], true);
    const result = await turn('make the file', model);
    assert.equal(result.result, 'Made.');
    assert.equal(readFileSync(join(result.where.work, 'made.txt'), 'utf8'), 'grown\n');
    const requests = await heard();
    assert.equal(requests.length, 2);
    assert.ok(said(requests, 'grown'));
  });

  test(`Claude Code at ${model}: two calls at once`, async () => {
    await play([{ calls: [{ Bash: { command: 'echo a >> a.txt', description: 'a' } },
      { Bash: { command: 'echo b >> b.txt', description: 'b' } }] }, { text: 'Both.' }], true);
    const result = await turn('make two files', model);
    assert.equal(result.result, 'Both.');
    assert.equal(readFileSync(join(result.where.work, 'a.txt'), 'utf8'), 'a\n');
    assert.equal(readFileSync(join(result.where.work, 'b.txt'), 'utf8'), 'b\n');
  });

  test(`Claude Code at ${model}: a sub-agent`, async () => {
    const task = { description: 'look', prompt: 'look around', subagent_type: 'general-purpose',
      run_in_background: false };
    await play([{ calls: [{ Task: task, Agent: task }] }, { text: 'I looked around.' }, { text: 'It looked.' }], true);
    const result = await turn('send an agent', model);
    assert.equal(result.result, 'It looked.');
    assert.ok(said(await heard(), 'I looked around.'));
  });

  test(`Claude Code at ${model}: a tool of an MCP server`, async () => {
    await play([{ calls: [{ mcp__wx__weather: { city: 'Oslo' } }] }, { text: 'It rains.' }], true);
    const where = place();
    writeFileSync(join(where.work, 'mcp.json'), JSON.stringify({ mcpServers: {
      wx: { command: process.execPath, args: [join(here, 'weather.mjs')] } } }));
    const result = await turn('the weather?', model, where, ['--mcp-config', 'mcp.json', '--strict-mcp-config']);
    assert.equal(result.result, 'It rains.');
    assert.ok(said(await heard(), 'rain in Oslo'));
  });

  test(`Claude Code at ${model}: a picture that it reads`, async () => {
    const where = place();
    await play([{ calls: [{ Read: { file_path: join(where.work, 'dot.png') } }] }, { text: 'It is red.' }], true);
    const result = await turn('look at dot.png', model, where);
    assert.equal(result.result, 'It is red.');
    assert.match(JSON.stringify((await heard()).at(-1).body), /"image(_url)?"|"input_image"|"inlineData"/);
  });

  test(`Claude Code at ${model}: goes on where it was`, async () => {
    await play([{ thought: 'Remember.', text: 'I remember 17.',
      calls: [{ Bash: { command: 'echo seen', description: 'see' } }] }, { text: 'Noted.' }], true);
    const { where } = await turn('remember 17', model);
    await play([{ text: 'It was 17.' }], true);
    const result = await turn('which number?', model, where, ['--continue']);
    assert.equal(result.result, 'It was 17.');
    assert.ok(said(await heard(), 'I remember 17.') && said(await heard(), 'seen'));
  });

  test(`Claude Code at ${model}: a cut stream is asked again`, async () => {
    await play([{ text: 'Half of an answer that', cut: true }, { text: 'A whole answer.' }], true);
    const result = await turn('go', model);
    assert.equal(result.result, 'A whole answer.');
    assert.equal((await heard()).length, 2);
  });

  test(`Claude Code at ${model}: an error within the stream is asked again`, async () => {
    await play([{ text: 'Half of an answer that', error: { type: 'overloaded_error', message: 'Overloaded' } },
      { text: 'A whole answer.' }], true);
    const result = await turn('go', model);
    assert.equal(result.result, 'A whole answer.');
  });

  test(`Claude Code at ${model}: a 429 is waited for`, async () => {
    await play([{ status: 429, type: 'rate_limit_error', message: 'Slow down.', headers: { 'Retry-After': '1' } },
      { text: 'Now.' }], true);
    const result = await turn('go', model);
    assert.equal(result.result, 'Now.');
    assert.equal((await heard()).length, 2);
  });

  test(`Claude Code at ${model}: overloaded is tried again, then shown`, async () => {
    const busy = { status: model === 'native:m' ? 529 : 503, type: 'overloaded_error', message: 'Overloaded' };
    await play(Array(8).fill(busy), true);
    const result = await turn('go', model);
    assert.equal(result.is_error, true);
    assert.match(result.result, /overloaded/i);
    assert.ok((await heard()).length >= 2);
  });

  test(`Claude Code at ${model}: a prompt that is too long is known as such`, async () => {
    const long = model === 'native:m'
      ? { status: 400, type: 'invalid_request_error', message: 'prompt is too long: 250000 tokens > 200000 maximum' }
      : model === 'gemini:m' ? { status: 400, message:
        'The input token count (250000) exceeds the maximum number of tokens allowed (200000).' }
      : { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded', message:
        "This model's maximum context length is 200000 tokens. However, your messages resulted in 250000 tokens." };
    await play(Array(8).fill(long), true);
    const result = await turn('go', model);
    assert.equal(result.is_error, true);
    assert.match(result.result, /prompt is too long/i);
  });

  test(`Claude Code at ${model}: a key that is refused`, async () => {
    await play([], true);
    const result = await turn('go', model, place(), [], { ANTHROPIC_AUTH_TOKEN: 'wrong' });
    assert.equal(result.is_error, true);
    assert.match(result.result, /401|key/i);
    assert.equal((await heard()).length, 0);
    assert.equal(existsSync(join(result.where.work, 'made.txt')), false);
  });
}
