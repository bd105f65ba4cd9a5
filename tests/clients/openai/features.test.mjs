// Features of OpenAI's SDK, on a provider that has chat completions, embeddings and a list of models, but no
// Responses API. Its model "recite" answers with the request that it got; "tools" calls the first tool for two
// cities, and recites the request with their results.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';

const { BASE_URL: baseURL } = process.env;
const client = new OpenAI({ baseURL, apiKey: 'sdk-key', maxRetries: 0, timeout: 20000 });
const messages = [{ role: 'user', content: 'Größe "quoted" \\ 你好 🦉' }];
const schema = {
    type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false,
};
const cities = [{ city: 'Paris' }, { city: 'Tromsø' }];
const weather = { name: 'weather', description: 'of a city', parameters: schema, strict: true };

// The SDK adds `output_text` to the result of create(), but not to the result of its stream helper.
const textOf = (response) =>
    response.output.flatMap((item) => item.content ?? []).map((part) => part.text).join('');

test('a chat of several turns with its settings', async () => {
    const asked = {
        model: 'recite', temperature: 0.25, seed: 7, stop: ['\n\n'], logit_bias: { 50256: -100 },
        unheard_of: { a: [1] },
        messages: [
            { role: 'system', content: 'Be brief.' }, ...messages, { role: 'assistant', content: 'yes' },
            { role: 'user', content: [{ type: 'text', text: 'and?' }] },
        ],
    };
    const answer = await client.chat.completions.create(asked);
    assert.deepEqual(JSON.parse(answer.choices[0].message.content), asked);
    assert.deepEqual(answer.usage, { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 });
});

test('a streamed chat, character for character, without usage where none is asked for', async () => {
    let words = '';
    const stream = await client.chat.completions.create({ model: 'recite', messages, stream: true });
    for await (const chunk of stream) {
        assert.equal(chunk.choices.length, 1);
        assert.ok(!chunk.usage);
        words += chunk.choices[0].delta.content ?? '';
    }
    const heard = JSON.parse(words);
    assert.deepEqual(heard.messages, messages);
    assert.equal(heard.stream, true);
});

test('a stream that the reader leaves', async () => {
    const stream = await client.chat.completions.create({ model: 'bench-500x20', messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
    assert.ok(stream.controller.signal.aborted);
    assert.ok((await client.chat.completions.create({ model: 'bench', messages })).usage);
});

test('JSON mode', async () => {
    const answer = await client.chat.completions.create({
        model: 'recite', messages, response_format: { type: 'json_object' },
    });
    assert.deepEqual(JSON.parse(answer.choices[0].message.content).response_format, { type: 'json_object' });
});

test('structured output by the SDK\'s own parser', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } };
    const asked = { model: 'recite', messages, response_format: format };
    const answer = await client.chat.completions.parse(asked);
    assert.deepEqual(JSON.parse(answer.choices[0].message.content).response_format, format);
});

test('two tools are called', async () => {
    const tools = [{ type: 'function', function: weather }];
    const answer = await client.chat.completions.create({ model: 'tools', messages, tools });
    const { message, finish_reason: reason } = answer.choices[0];
    assert.equal(reason, 'tool_calls');
    assert.equal(message.content, null);
    assert.deepEqual(message.tool_calls.map((call) => call.function.name), ['weather', 'weather']);
    assert.deepEqual(message.tool_calls.map((call) => JSON.parse(call.function.arguments)), cities);
});

for (const stream of [false, true])
    test(`the SDK runs the tools itself, ${stream ? 'streamed in pieces' : 'buffered'}`, async () => {
        const asked = [];
        const look = (place) => asked.push(place) && `rain in ${place.city}`;
        const tools = [{ type: 'function', function: { ...weather, parse: JSON.parse, function: look } }];
        const runner = client.chat.completions.runTools({ model: 'tools', messages, tools, stream });
        const heard = JSON.parse(await runner.finalContent());
        assert.deepEqual(asked, cities);
        assert.deepEqual(heard.messages.slice(-2), [
            { role: 'tool', tool_call_id: 'call_0', content: 'rain in Paris' },
            { role: 'tool', tool_call_id: 'call_1', content: 'rain in Tromsø' },
        ]);
        assert.equal(heard.messages.at(-3).tool_calls.length, 2);
    });

test('embeddings, in base64 as the SDK asks for them by itself, and as numbers', async () => {
    const input = ['one', 'three'];
    const expected = [[3, 0, 0.5], [5, 1, 0.5]];
    for (const more of [{}, { encoding_format: 'float' }]) {
        const answer = await client.embeddings.create({ model: 'vectors', input, ...more });
        assert.deepEqual(answer.data.map((one) => Array.from(one.embedding)), expected);
        assert.equal(answer.usage.total_tokens, 6);
    }
    const raw = await client.embeddings.create({ model: 'vectors', input: 'one', encoding_format: 'base64' });
    const bytes = Buffer.from(raw.data[0].embedding, 'base64');
    assert.deepEqual([0, 4, 8].map((place) => bytes.readFloatLE(place)), expected[0]);
});

test('models are listed, and a model that the list names can be asked', async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model);
    const chat = models.find((model) => model.id === 'fake:fake-chat' || model.id === 'fake-chat');
    assert.ok(chat, models.map((model) => model.id).join(' '));
    assert.equal(chat.object, 'model');
    const answer = await client.chat.completions.create({ model: chat.id, messages });
    assert.equal(answer.choices[0].finish_reason, 'stop');
});

test('a response, and the chat that it became', async () => {
    const response = await client.responses.create({
        model: 'recite', instructions: 'Be brief.', max_output_tokens: 50, temperature: 0.5,
        metadata: { a: 'b' },
        input: [{ role: 'user', content: [{ type: 'input_text', text: messages[0].content }] }],
    });
    assert.equal(response.object, 'response');
    assert.equal(response.status, 'completed');
    assert.deepEqual(response.output.map((item) => item.type), ['message']);
    const { input_tokens: prompt, output_tokens: completion, total_tokens: total } = response.usage;
    assert.deepEqual([prompt, completion, total], [11, 22, 33]);
    assert.equal(response.temperature, 0.5);
    assert.equal(response.max_output_tokens, 50);
    assert.deepEqual(response.metadata, { a: 'b' });
    const heard = JSON.parse(response.output_text);
    assert.deepEqual(heard.messages, [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: messages[0].content }] },
    ]);
    assert.equal(heard.max_completion_tokens ?? heard.max_tokens, 50);
    assert.ok(!('input' in heard) && !('instructions' in heard) && !('max_output_tokens' in heard));
});

test('a response with JSON to a schema', async () => {
    const format = { type: 'json_schema', name: 'place', schema, strict: true };
    const response = await client.responses.create({ model: 'recite', input: 'where?', text: { format } });
    const { type, json_schema: sent } = JSON.parse(response.output_text).response_format;
    assert.deepEqual([type, sent], ['json_schema', { name: 'place', schema, strict: true }]);
    assert.deepEqual(response.text.format, format);
});

test('a streamed response: its events, their order and numbers', async () => {
    const types = [];
    let words = '';
    let last;
    const asked = { model: 'recite', input: messages[0].content, stream: true };
    for await (const event of await client.responses.create(asked)) {
        assert.equal(event.sequence_number, types.length);
        types.push(event.type);
        if (event.type === 'response.output_text.delta') words += event.delta;
        if (event.type === 'response.output_text.done') assert.equal(event.text, words);
        last = event;
    }
    assert.deepEqual(types.filter((type, place) => type !== types[place - 1]), [
        'response.created', 'response.in_progress',
        'response.output_item.added', 'response.content_part.added',
        'response.output_text.delta', 'response.output_text.done', 'response.content_part.done',
        'response.output_item.done', 'response.completed',
    ]);
    assert.ok(types.filter((type) => type === 'response.output_text.delta').length > 3, 'in pieces');
    assert.equal(textOf(last.response), words);
    assert.equal(last.response.usage.total_tokens, 33);
    assert.ok(JSON.parse(words).messages);
});

test('a streamed response by the SDK\'s own collector', async () => {
    const response = await client.responses.stream({ model: 'recite', input: 'hello' }).finalResponse();
    assert.equal(response.status, 'completed');
    assert.deepEqual(JSON.parse(textOf(response)).messages.at(-1).content, [{ type: 'text', text: 'hello' }]);
});

const callsOf = (response) => response.output.filter((item) => item.type === 'function_call');

for (const stream of [false, true])
    test(`tools in a response, ${stream ? 'streamed in pieces' : 'buffered'}, and their answers`, async () => {
        const ask = (input) => {
            const body = { model: 'tools', tools: [{ type: 'function', ...weather }], input };
            return stream ? client.responses.stream(body).finalResponse() : client.responses.create(body);
        };
        const question = { role: 'user', content: 'rain?' };
        const first = await ask([question]);
        const calls = callsOf(first);
        assert.deepEqual(calls.map((call) => call.name), ['weather', 'weather']);
        assert.deepEqual(calls.map((call) => call.call_id), ['call_0', 'call_1']);
        assert.deepEqual(calls.map((call) => JSON.parse(call.arguments)), cities);
        assert.equal(first.usage.total_tokens, 60);
        const result = { type: 'function_call_output', output: 'rain' };
        const results = calls.map((call) => ({ ...result, call_id: call.call_id }));
        const second = await ask([question, ...calls, ...results]);
        const heard = JSON.parse(textOf(second));
        const roles = heard.messages.map((message) => message.role);
        assert.deepEqual(roles, ['user', 'assistant', 'tool', 'tool']);
        const sent = heard.messages[1].tool_calls;
        assert.deepEqual(sent.map((call) => JSON.parse(call.function.arguments)), cities);
        assert.deepEqual(heard.tools, [{ type: 'function', function: weather }]);
    });

for (const [name, more] of [
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['web_search', { tools: [{ type: 'web_search' }] }],
])
    test(`${name}, which a response cannot have on such a provider, is refused by name`, async () => {
        const asked = client.responses.create({ model: 'recite', input: 'x', ...more });
        const error = await asked.then(() => assert.fail('it was not refused'), (error) => error);
        assert.ok(error.status === 400 || error.status === 422, `${error.status} ${error.message}`);
        assert.ok(error.message.includes(name), error.message);
        assert.equal(error.error.source, 'gateway');
    });
