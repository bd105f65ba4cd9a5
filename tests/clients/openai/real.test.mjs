// A real inference server behind penstock: llama.cpp with a model of random weights. Its words mean
// nothing, but at temperature 0 they are the same each time, through us and directly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';

const limits = { maxRetries: 0, timeout: 30000 };
const direct = new OpenAI({ baseURL: process.env.REAL_URL, apiKey: 'none', ...limits });
const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'sdk-key', ...limits });
const ask = { messages: [{ role: 'user', content: 'hello' }], max_tokens: 24, temperature: 0, seed: 1 };

const collect = async (stream) => {
    const seen = { words: '', finish: null, usage: null };
    for await (const chunk of stream) {
        seen.words += chunk.choices[0]?.delta.content ?? '';
        seen.finish = chunk.choices[0]?.finish_reason ?? seen.finish;
        seen.usage = chunk.usage ?? seen.usage;
    }
    return seen;
};

const read = ({ choices: [choice], usage }) =>
    ({ words: choice.message.content, finish: choice.finish_reason, usage });

// The SDK's stream helper knows no end but "response.completed".
const lastOf = async (events) => {
    let last;
    for await (const event of events) last = event;
    assert.equal(last.type, `response.${last.response.status}`);
    return last.response;
};

test('its models are listed, with the name by which it is reached', async () => {
    const theirs = (await direct.models.list()).data[0].id;
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    assert.ok(models.includes(`llamacpp:${theirs}`), models.join(' '));
});

test('a buffered answer is the one that it gives without us', async () => {
    const expected = await direct.chat.completions.create({ model: 'noise', ...ask });
    const answer = await client.chat.completions.create({ model: 'llamacpp:noise', ...ask });
    assert.ok(expected.usage.completion_tokens > 0);
    assert.deepEqual(answer.choices, expected.choices);
    assert.deepEqual(answer.usage, expected.usage);
});

test('a streamed answer is the one that it gives without us', async () => {
    const asked = { ...ask, stream: true };
    const expected = await collect(await direct.chat.completions.create({ model: 'noise', ...asked }));
    const seen = await collect(await client.chat.completions.create({ model: 'llamacpp:noise', ...asked }));
    assert.ok(expected.words.length > 0);
    assert.deepEqual(seen, expected);
});

test('embeddings are the numbers that it counts without us', async () => {
    const asked = { input: ['hello', 'world'], encoding_format: 'float' };
    const expected = await direct.embeddings.create({ model: 'noise', ...asked });
    const answer = await client.embeddings.create({ model: 'llamacpp:noise', ...asked });
    assert.ok(expected.data[0].embedding.length > 0);
    assert.deepEqual(answer.data, expected.data);
});

// Words as a string within an item stay a string in the chat. As the whole input they become a list of parts,
// which this server's older versions do not know. They also drop bytes that are not UTF-8 from a stream.
for (const stream of [false, true])
    test(`a response, ${stream ? 'streamed' : 'buffered'}, is the chat's answer`, async () => {
        const chat = await direct.chat.completions.create({ model: 'noise', ...ask, stream });
        const { words, finish, usage } = stream ? await collect(chat) : read(chat);
        const body = { model: 'chatonly:noise', input: ask.messages, max_output_tokens: 24, temperature: 0 };
        const given = await client.responses.create({ ...body, stream });
        const response = stream ? await lastOf(given) : given;
        assert.equal(response.output[0].content[0].text, words);
        assert.equal(response.status, finish === 'length' ? 'incomplete' : 'completed');
        if (usage) assert.equal(response.usage.total_tokens, usage.total_tokens);
    });
