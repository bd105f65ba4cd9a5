// What a page can do with a gateway on another origin, and what it cannot. The page is served from "localhost", the
// gateway is at 127.0.0.1: to the browser they are two sites.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const { BASE_URL: base, LISTED: listed, PROVIDER: provider, USAGE: usage, CHROMIUM: executablePath } = process.env;

let browser, page, foreign;
const servers = [];

// Serves an empty page, and OpenAI's SDK as it comes from npm.
const serve = async (port) => {
    const server = createServer((request, response) => {
        const file = request.url.startsWith('/openai/') && `node_modules${request.url}`;
        if (file && existsSync(file)) {
            response.setHeader('Content-Type', 'text/javascript');
            response.end(readFileSync(file));
            return;
        }
        response.setHeader('Content-Type', 'text/html');
        response.end('<!doctype html><title>a page</title>');
    });
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    servers.push(server);
    return `http://localhost:${server.address().port}`;
};

const open = async (origin) => {
    const opened = await browser.newPage();
    await opened.goto(`${origin}/`);
    return opened;
};

before(async () => {
    const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath, args: ['--host-resolver-rules=MAP localhost 127.0.0.1', ...sandbox] });
    page = await open(await serve(Number(listed)));
    foreign = await open(await serve(0));
});

after(async () => {
    await browser?.close();
    for (const server of servers)
        server.close();
});

const records = () => readFileSync(usage, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

// The number of records; the next one may come a moment after its answer.
const recordAfter = async (count) => {
    for (const deadline = Date.now() + 10000; records().length <= count && Date.now() < deadline; )
        await new Promise((resolve) => setTimeout(resolve, 20));
    return records()[count];
};
const count = () => (existsSync(usage) ? records().length : 0);

// Runs in the page: a request with a key, and what the page can read of its answer.
const ask = ({ url, body, headers, method = 'POST' }) =>
    fetch(url, {
        method,
        headers: { 'Authorization': 'Bearer page-key', 'Content-Type': 'application/json', ...headers },
        body: body && JSON.stringify(body),
    }).then(
        async (answer) => ({
            status: answer.status,
            headers: Object.fromEntries(answer.headers),
            text: await answer.text(),
        }),
        (error) => ({ error: error.name }),
    );

const chat = { url: `${base}/v1/chat/completions`, body: { model: 'bench', messages: [] } };

test('a page reads an answer, its request id and its cost header', async () => {
    const heard = await page.evaluate(ask, { ...chat, headers: { 'X-Request-Id': 'page-1' } });
    assert.equal(heard.status, 200);
    assert.equal(JSON.parse(heard.text).object, 'chat.completion');
    assert.equal(heard.headers['x-request-id'], 'page-1');
    assert.equal(heard.headers['x-penstock-provider'], 'fake');
    assert.ok(heard.headers['server-timing']);
});

test('a page reads a stream as it comes', async () => {
    await page.exposeFunction('confirm', (frame) => fetch(`${provider}/v1/confirm?frame=page.${frame}`));
    const words = await page.evaluate(async (url) => {
        const answer = await fetch(url, {
            method: 'POST',
            headers: { 'Authorization': 'Bearer page-key', 'Content-Type': 'application/json' },
            body: JSON.stringify({ model: 'handshake-4-page', stream: true, messages: [] }),
        });
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = '';
        for (let frame = 1; ; ) {
            const { value, done } = await reader.read();
            if (done)
                return text;
            text += value;
            // The provider says the next frame only when it is told that this one has arrived.
            while (text.includes(`frame-${frame} `))
                await confirm(frame++);
        }
    }, chat.url);
    for (const frame of [1, 2, 3, 4])
        assert.ok(words.includes(`frame-${frame} `), words);
    assert.ok(words.endsWith('data: [DONE]\n\n'), words);
});

test('a page reads errors: of the gateway, of the provider, of its key', async () => {
    const unknown = await page.evaluate(ask, { ...chat, url: `${base}/v2/chat/completions` });
    assert.equal(unknown.status, 404);
    assert.match(JSON.parse(unknown.text).error.message, /POST \/v1\/chat\/completions/);
    assert.equal(unknown.headers['x-request-id'], JSON.parse(unknown.text).error.request_id);
    const busy = await page.evaluate(ask, { ...chat, body: { model: 'error-429', messages: [] } });
    assert.equal(busy.status, 429);
    assert.equal(busy.headers['retry-after'], '7');
    assert.equal(busy.headers['x-should-retry'], 'true');
    assert.equal(busy.headers['x-penstock-error-source'], 'provider');
    const bare = await page.evaluate(ask, { ...chat, body: { messages: [] } });
    assert.equal(bare.status, 400);
    assert.equal(JSON.parse(bare.text).error.param, 'model');
});

test('a page sends a form', async () => {
    const heard = await page.evaluate(async (url) => {
        const form = new FormData();
        form.append('model', 'echo');
        form.append('file', new Blob(['sound']), 'a.wav');
        const answer = await fetch(url, { method: 'POST', headers: { Authorization: 'Bearer page-key' }, body: form });
        return { status: answer.status, text: await answer.text() };
    }, `${base}/v1/audio/transcriptions`);
    assert.equal(heard.status, 200);
    assert.match(heard.text, /sound/);
});

test('a page uses other methods', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
        const body = method[0] === 'P' ? { a: 1 } : undefined;
        const heard = await page.evaluate(ask, { url: `${base}/v1/things/1`, method, body });
        assert.equal(heard.status, 200, method);
        assert.equal(heard.text, `${method} /v1/things/1\n${body ? '{"a":1}' : ''}`);
    }
});

test("OpenAI's SDK works in a page, streams and errors too", async () => {
    const heard = await page.evaluate(async (baseURL) => {
        const { default: OpenAI } = await import('/openai/index.mjs');
        const client = new OpenAI({ baseURL, apiKey: 'page-key', dangerouslyAllowBrowser: true, maxRetries: 0 });
        const messages = [{ role: 'user', content: 'hello' }];
        let text = '';
        for await (const chunk of await client.chat.completions.create({ model: 'bench-20x0', messages, stream: true }))
            text += chunk.choices[0]?.delta.content ?? '';
        const error = await client.chat.completions.create({ model: 'error-429', messages }).catch((error) => error);
        return { text, kind: error.constructor.name, is: error instanceof OpenAI.RateLimitError, id: error.requestID,
            said: error.error };
    }, `${base}/v1`);
    assert.equal(heard.text, 'word '.repeat(20));
    assert.ok(heard.is, JSON.stringify(heard));
    assert.equal(heard.id, heard.said.request_id);
});

test('a page of another origin reads nothing', async () => {
    assert.deepEqual(await foreign.evaluate(ask, chat), { error: 'TypeError' });
});

// The browser sends these without a preflight; the page cannot read the answer, but the request arrives.
test('no page spends money blindly', async () => {
    const blind = (url) =>
        fetch(url, { method: 'POST', mode: 'no-cors', body: '{"model":"bench","messages":[]}' }).then((answer) => answer.type);
    for (const [from, status] of [[page, 415], [foreign, 403]]) {
        const before = count();
        assert.equal(await from.evaluate(blind, chat.url), 'opaque');
        const record = await recordAfter(before);
        assert.equal(record.status, status);
        assert.equal(record.provider, null);
    }
});

test('a form of another site is refused', async () => {
    const before = count();
    await foreign.setContent(`<form method="post" enctype="text/plain" action="${chat.url}">
        <input name='{"model":"bench","messages":[],"x":"' value='"}'></form>`);
    const [answer] = await Promise.all([
        foreign.waitForResponse((response) => response.url() === chat.url),
        foreign.evaluate(() => document.forms[0].submit()),
    ]);
    assert.equal(answer.status(), 403);
    assert.equal((await recordAfter(before)).reason, 'forbidden');
});

test('a page reads without a key what the listed origin may', async () => {
    const heard = await page.evaluate(async (url) => {
        const answer = await fetch(url, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"model":"bench","messages":[]}' });
        return answer.status;
    }, chat.url);
    assert.equal(heard, 200);
});

test('a person who opens the address sees how to use it', async () => {
    const visit = await browser.newPage();
    const before = count();
    const answer = await visit.goto(`${base}/`);
    assert.equal(answer.status(), 200);
    assert.equal(await visit.textContent('code'), `${base}/v1`);
    assert.match(await visit.textContent('pre'), /chat\/completions/);
    assert.equal(await visit.getAttribute('a', 'href'), `${base}/status`);
    assert.equal(count(), before);
});
