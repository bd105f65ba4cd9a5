// opencode, by each of the provider packages that are built into it: OpenAI-compatible chat, OpenAI's Responses,
// Anthropic's Messages.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gateway, heard, key, place, play, program, run } from './kit.mjs';

const opencode = program('opencode', 'opencode', 'bin/opencode');

const ways = [
  ['@ai-sdk/openai-compatible', 'native:m'],
  ['@ai-sdk/openai', 'native:m'],
  ['@ai-sdk/openai', 'chat:m'],
  ['@ai-sdk/anthropic', 'native:m'],
  ['@ai-sdk/anthropic', 'chat:m'],
];

function begin(prompt, [npm, model], options = [], where = place()) {
  writeFileSync(join(where.work, 'opencode.json'), JSON.stringify({
    provider: { penstock: { npm, name: 'Penstock', options: { baseURL: `${gateway}/v1`, apiKey: key },
      models: { [model]: { name: model, limit: { context: 200000, output: 8000 } } } } },
    model: `penstock/${model}`, small_model: `penstock/${model}`, permission: { '*': 'allow' },
    autoupdate: false, share: 'disabled' }));
  return run(opencode, ['run', ...options, '--format', 'json', '--model', `penstock/${model}`, prompt], where,
    { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' }, 90)
    .then(ended => {
      const parts = ended.out.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line));
      return { where, all: ended.out + ended.err, text: parts.filter(part => part.type === 'text').at(-1)?.part.text,
        failure: JSON.stringify(parts.find(part => part.type === 'error') ?? '') };
    });
}

for (const way of ways) {
  const name = `opencode with ${way[0]} at ${way[1]}`;

  test(`${name}: a command runs once, its output goes back`, async () => {
    await play([{ thought: 'A file.', text: 'I make it.',
      calls: [{ bash: { command: 'echo grown >> made.txt; cat made.txt', description: 'make' } }] },
    { text: 'Made.' }], true);
    const result = await begin('make the file', way);
    assert.equal(result.text, 'Made.', result.all);
    assert.equal(readFileSync(join(result.where.work, 'made.txt'), 'utf8'), 'grown\n');
    assert.ok(JSON.stringify((await heard()).at(-1).body).includes('grown'));
  });

  test(`${name}: goes on where it was`, async () => {
    await play([{ text: 'I remember 17.' }], true);
    const { where } = await begin('remember 17', way);
    await play([{ text: 'It was 17.' }], true);
    const result = await begin('which number?', way, ['--continue'], where);
    assert.equal(result.text, 'It was 17.', result.all);
    assert.ok(JSON.stringify((await heard()).at(-1).body).includes('I remember 17.'));
  });

  test(`${name}: a prompt that is too long is not taken for an answer`, async () => {
    await play(Array(4).fill({ status: 400, type: 'invalid_request_error', code: 'context_length_exceeded',
      message: "This model's maximum context length is 200000 tokens. However, your messages resulted in 250000 tokens." }),
    true);
    const result = await begin('go', way);
    assert.match(result.all, /context length|too long/i, result.all);
  });
}
