// How OpenAI's SDK reads our answers: the error classes that its users catch, and whether it retries.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import OpenAI from 'openai';

const { BASE_URL: baseURL, USAGE: usage } = process.env;
const client = new OpenAI({ baseURL, apiKey: 'sdk-key', maxRetries: 2 });
const messages = [{ role: 'user', content: 'hello' }];

const ask = (model, options) => client.chat.completions.create({ model, messages }, options);
const askForStream = (model, more, options) =>
    client.chat.completions.create({ model, messages, stream: true, ...more }, options);

// penstock's usage log counts requests: one record for each that reached it, with its id.
let calls = 0;
const named = (options) => ({ ...options, headers: { 'X-Request-Id': `call-${++calls}` } });

const recordsOfLastCall = () => {
    const lines = readFileSync(usage, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line)).filter((record) => record.request_id === `call-${calls}`);
};

// The last call must have made so many requests. A record is written after its answer, so it may come a moment later.
const requestsWere = async (count) => {
    for (const deadline = Date.now() + 10000; recordsOfLastCall().length < count && Date.now() < deadline; )
        await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(recordsOfLastCall().length, count);
};

const failure = async (promise, kind) => {
    const error = await promise.then(() => assert.fail('it did not fail'), (error) => error);
    assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
    return error;
};

test('a buffered answer', async () => {
    const answer = await ask('bench');
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.usage.total_tokens, 108);
});

test('a streamed answer, with usage where it is asked for', async () => {
    let words = '';
    let total = 0;
    for await (const chunk of await askForStream('bench-20x0', { stream_options: { include_usage: true } })) {
        words += chunk.choices[0]?.delta.content ?? '';
        total = chunk.usage?.total_tokens ?? total;
    }
    assert.equal(words, 'word '.repeat(20));
    assert.equal(total, 29);
});

test('a streamed answer by the SDK\'s own collector', async () => {
    const runner = client.chat.completions.stream({ model: 'scripted:m', messages });
    assert.equal((await runner.finalChatCompletion()).choices[0].message.content, 'one by one');
});

for (const [model, kind, status, code] of [
    ['error-400', OpenAI.BadRequestError, 400, 'invalid_value'],
    ['error-401', OpenAI.AuthenticationError, 401, 'invalid_api_key'],
    ['error-403', OpenAI.PermissionDeniedError, 403, 'forbidden'],
    ['error-404', OpenAI.NotFoundError, 404, 'model_not_found'],
    ['error-422', OpenAI.UnprocessableEntityError, 422, 'internal_error'],
])
    test(`${status} is ${kind.name}, and is not tried again`, async () => {
        const error = await failure(ask(model, named()), kind);
        assert.equal(error.status, status);
        assert.equal(error.code, code);
        assert.equal(error.error.source, 'provider');
        assert.equal(error.error.retryable, false);
        assert.equal(error.headers.get('x-should-retry'), 'false');
        assert.equal(error.error.request_id, `call-${calls}`);
        assert.equal(error.requestID, `call-${calls}`);
        await requestsWere(1);
    });

test('a 429 is RateLimitError with the delay of the provider', async () => {
    const error = await failure(ask('error-429', { maxRetries: 0 }), OpenAI.RateLimitError);
    assert.equal(error.headers.get('retry-after'), '7');
    assert.equal(error.headers.get('x-should-retry'), 'true');
    assert.equal(error.type, 'rate_limit_error');
});

test('a 500 is InternalServerError, and is tried again', async () => {
    const error = await failure(ask('error-500', named({ maxRetries: 1 })), OpenAI.InternalServerError);
    assert.equal(error.status, 500);
    await requestsWere(2);
});

test('a 429 with a delay is tried again after it', async () => {
    const began = Date.now();
    const answer = await ask('scripted:m', named());
    assert.equal(answer.choices[0].message.content, 'at last');
    assert.ok(Date.now() - began >= 900, 'the delay is kept');
    await requestsWere(2);
});

test('a 429 that money would help is not tried again, although it is a 429', async () => {
    const error = await failure(ask('scripted:m', named()), OpenAI.RateLimitError);
    assert.equal(error.code, 'insufficient_quota');
    assert.equal(error.error.reason, 'quota_exhausted');
    assert.equal(error.headers.get('x-should-retry'), 'false');
    await requestsWere(1);
});

test('message, type, param and code are the provider\'s', async () => {
    const error = await failure(ask('scripted:m'), OpenAI.BadRequestError);
    assert.equal(error.message, '400 There is no such role.');
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.param, 'messages[0].role');
    assert.equal(error.code, 'invalid_value');
});

test('an error frame in mid-stream is raised, after what came before it', async () => {
    let words = '';
    const read = async () => {
        for await (const chunk of await askForStream('scripted:m')) words += chunk.choices[0].delta.content ?? '';
    };
    const error = await failure(read(), OpenAI.APIError);
    assert.equal(words, 'one');
    assert.equal(error.error.message, 'The engine broke.');
    assert.equal(error.code, 'engine_broke');
    assert.equal(error.error.source, 'provider');
});

test('an error as the first frame has its real status', async () => {
    const error = await failure(askForStream('scripted:m', {}, { maxRetries: 0 }), OpenAI.RateLimitError);
    assert.equal(error.status, 429);
    assert.equal(error.error.message, 'Too many at once.');
});

test('a stream that is cut is raised', async () => {
    const read = async () => {
        for await (const chunk of await askForStream('cut-between')) assert.ok(chunk.choices);
    };
    const error = await failure(read(), OpenAI.APIError);
    assert.equal(error.code, 'upstream_cut');
    assert.equal(error.error.source, 'network');
    assert.equal(error.error.retryable, true);
});

test('a provider that is not there is an InternalServerError that says so', async () => {
    const error = await failure(ask('absent:m', { maxRetries: 0 }), OpenAI.InternalServerError);
    assert.equal(error.status, 502);
    assert.equal(error.code, 'connect_failed');
    assert.equal(error.error.source, 'network');
});

test('a provider that is silent is a 504 with the code timeout', async () => {
    const error = await failure(ask('slow:silent', { maxRetries: 0 }), OpenAI.InternalServerError);
    assert.equal(error.status, 504);
    assert.equal(error.code, 'timeout');
    assert.equal(error.type, 'timeout_error');
    assert.equal(error.headers.get('x-should-retry'), 'true');
});

test('a client that waits for less is told by its own SDK', async () => {
    await failure(ask('silent', { maxRetries: 0, timeout: 300 }), OpenAI.APIConnectionTimeoutError);
});

test('our own refusals are of the same kinds', async () => {
    const stranger = new OpenAI({ baseURL, apiKey: 'another-key', maxRetries: 2 });
    const refused = stranger.chat.completions.create({ model: 'bench', messages }, named());
    const error = await failure(refused, OpenAI.AuthenticationError);
    assert.equal(error.error.source, 'gateway');
    assert.equal(error.error.reason, 'unauthorized');
    await requestsWere(1);
    const lost = await failure(client.get('/nowhere'), OpenAI.NotFoundError);
    assert.equal(lost.error.reason, 'not_found');
});

test('models are listed', async () => {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    assert.ok(models.includes('fake-chat'), models.join(' '));
});
