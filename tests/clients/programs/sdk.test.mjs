// The SDKs for Node of OpenAI and Anthropic, Vercel's AI SDK and LangChain: text, stream, tools, errors, at providers
// that speak the SDK's dialect and at those that do not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { gateway, heard, key, play } from './kit.mjs';

const openai = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: gateway, apiKey: key, authToken: null, maxRetries: 0 });
const user = [{ role: 'user', content: 'go' }];
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const rain = { calls: [{ weather: { city: 'Oslo' } }] };

// ---- the error classes ----

const failures = [
  ['authentication', { status: 401, type: 'authentication_error', message: 'Bad key.' }, 401, 'AuthenticationError'],
  ['permission', { status: 403, type: 'permission_error', message: 'Not allowed.' }, 403, 'PermissionDeniedError'],
  ['model_not_found', { status: 404, type: 'not_found_error', code: 'model_not_found', message: 'No such model.' }, 404,
    'NotFoundError'],
  ['invalid_request', { status: 400, type: 'invalid_request_error', message: 'Bad temperature.' }, 400,
    'BadRequestError'],
  ['invalid_request', { status: 422, type: 'invalid_request_error', message: 'Bad temperature.' }, 422,
    'UnprocessableEntityError'],
  ['rate_limit', { status: 429, type: 'rate_limit_error', message: 'Slow down.', headers: { 'Retry-After': '7' } }, 429,
    'RateLimitError'],
  ['quota_exhausted', { status: 429, type: 'insufficient_quota', code: 'insufficient_quota',
    message: 'You exceeded your current quota.' }, 429, 'RateLimitError'],
  ['upstream_5xx', { status: 500, type: 'api_error', message: 'Boom.' }, 500, 'InternalServerError'],
  ['overloaded', { status: 503, type: 'overloaded_error', message: 'Overloaded.' }, 503, 'InternalServerError'],
  ['upstream_cut', { text: 'Never seen', cut: true, quiet: true }, 502, 'InternalServerError'],
];

const own = {
  chat: (model, options) => openai.chat.completions.create({ model, messages: user }, options),
  responses: (model, options) => openai.responses.create({ model, input: 'go' }, options),
  messages: (model, options) => anthropic.messages.create({ model, max_tokens: 100, messages: user }, options),
};
let models = 0;
const class_of = { chat: OpenAI, responses: OpenAI, messages: Anthropic };

for (const dialect of ['chat', 'responses', 'messages'])
  for (const model of ['native:m', dialect === 'chat' ? 'claude:m' : 'chat:m', 'gemini:m'])
    for (const [reason, step, status, name] of failures)
      test(`${dialect} at ${model}: ${reason} (${status}) is ${name}`, async () => {
        await play([step]);
        models += 1; // one of its own: a 429 and an empty account are remembered for a model
        const error = await own[dialect](`${model}${models}`).then(() => assert.fail('no error'), error => error);
        assert.ok(error instanceof class_of[dialect][name], `${error.constructor.name}: ${error.message}`);
        assert.equal(error.status, status);
        const body = dialect === 'messages' ? error.error.error : error.error;
        if (step.message) assert.match(error.message, new RegExp(step.message.replace('.', '\\.')));
        assert.equal(typeof body.message, 'string');
        assert.equal(typeof body.type, 'string');
        assert.ok(error.requestID);
        if (reason === 'rate_limit') assert.equal(error.headers.get('retry-after'), '7');
      });

test('all SDKs wait as Retry-After says, and try no empty account again', async () => {
  for (const dialect of ['chat', 'responses', 'messages']) {
    await play([{ status: 429, type: 'rate_limit_error', message: 'Slow down.', headers: { 'Retry-After': '1' } }]);
    const began = Date.now();
    await own[dialect](`native:${dialect}`, { maxRetries: 1 });
    assert.ok(Date.now() - began >= 900, `${dialect} did not wait`);
    await play([{ status: 429, type: 'insufficient_quota', code: 'insufficient_quota', message: 'No money.' }]);
    await assert.rejects(own[dialect](`native:poor-${dialect}`, { maxRetries: 2 }));
    assert.equal((await heard()).length, 1, dialect);
  }
});

// ---- stream helpers ----

for (const model of ['native:m', 'chat:m', 'claude:m', 'gemini:m']) {
  test(`OpenAI's SDK, chat at ${model}: its helper runs a tool`, async () => {
    await play([{ text: 'I look.', ...rain }, { text: 'Rain.' }]);
    const cities = [];
    const runner = openai.chat.completions.runTools({ model, stream: true, messages: user, tools: [{ type: 'function',
      function: { name: 'weather', parameters: schema, parse: JSON.parse,
        function: ({ city }) => { cities.push(city); return 'rain'; } } }] });
    assert.equal(await runner.finalContent(), 'Rain.');
    assert.deepEqual(cities, ['Oslo']);
  });

  test(`OpenAI's SDK, chat at ${model}: a cut stream is an error`, async () => {
    await play([{ text: 'Half of an answer that', cut: true }]);
    await assert.rejects(openai.chat.completions.stream({ model, messages: user }).finalContent(), OpenAI.APIError);
  });

  test(`OpenAI's SDK, responses at ${model}: its stream helper, with a tool`, async () => {
    await play([{ thought: 'Hm.', text: 'I look.', ...rain }]);
    const response = await openai.responses.stream({ model, input: 'go', tools: [{ type: 'function', name: 'weather',
      parameters: schema, strict: false }] }).finalResponse();
    assert.equal(response.output.find(item => item.type === 'message').content[0].text, 'I look.');
    assert.deepEqual(JSON.parse(response.output.find(item => item.type === 'function_call').arguments), { city: 'Oslo' });
    assert.equal(response.usage.input_tokens, 1000);
  });

  test(`OpenAI's SDK, responses at ${model}: a cut stream is an error`, async () => {
    await play([{ text: 'Half of an answer that', cut: true }]);
    await assert.rejects(openai.responses.stream({ model, input: 'go' }).finalResponse());
  });

  test(`Anthropic's SDK at ${model}: its helper runs a tool`, async () => {
    await play([{ text: 'I look.', ...rain }, { text: 'Rain.' }]);
    const cities = [];
    const runner = anthropic.beta.messages.toolRunner({ model, max_tokens: 100, messages: user, stream: true, tools: [{
      name: 'weather', description: 'The weather.', input_schema: schema, parse: value => value,
      run: ({ city }) => { cities.push(city); return 'rain'; } }] });
    let last;
    for await (const stream of runner) last = await stream.finalMessage();
    assert.equal(last.content[0].text, 'Rain.');
    assert.equal(last.usage.input_tokens, 1000);
    assert.deepEqual(cities, ['Oslo']);
  });

  test(`Anthropic's SDK at ${model}: a cut stream is an error, and counts of tokens`, async () => {
    await play([{ text: 'Half of an answer that', cut: true }]);
    await assert.rejects(anthropic.messages.stream({ model, max_tokens: 100, messages: user }).finalMessage(),
      Anthropic.APIError);
    const count = await anthropic.messages.countTokens({ model, messages: user });
    assert.ok(count.input_tokens > 0);
  });
}

test("OpenAI's and Anthropic's SDKs list the models", async () => {
  for await (const model of openai.models.list()) assert.equal(typeof model.id, 'string');
  const ids = [];
  for await (const model of anthropic.models.list()) ids.push(model.id);
  assert.ok(ids.includes('gpt-5.5'));
});

// ---- Vercel's AI SDK ----

const vercel = createOpenAI({ baseURL: `${gateway}/v1`, apiKey: key });
const kinds = {
  'openai chat': vercel.chat,
  'openai responses': vercel.responses,
  'openai-compatible': createOpenAICompatible({ name: 'p', baseURL: `${gateway}/v1`, apiKey: key, includeUsage: true }),
  anthropic: createAnthropic({ baseURL: `${gateway}/v1`, apiKey: key }),
};

for (const [kind, make] of Object.entries(kinds))
  for (const id of ['native:m', 'chat:m', 'claude:m', 'gemini:m']) {
    const tools = cities => ({ weather: tool({ description: 'The weather.', inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => { cities.push(city); return 'rain'; } }) });

    test(`AI SDK, ${kind} at ${id}: a tool runs once, streamed and buffered`, async () => {
      for (const streamed of [true, false]) {
        await play([{ thought: 'Hm.', text: 'I look.', ...rain }, { text: 'Rain.' }]);
        const cities = [];
        // Without store: false the SDK refers to the text of earlier answers by ids, which conversions cannot do.
        const settings = { model: make(id), prompt: 'go', tools: tools(cities), stopWhen: stepCountIs(3), maxRetries: 0,
          providerOptions: { openai: { store: kind !== 'openai responses' || id === 'native:m' } } };
        const result = streamed ? streamText(settings) : await generateText(settings);
        assert.equal(await result.text, 'Rain.');
        assert.deepEqual(cities, ['Oslo']);
        assert.equal((await result.totalUsage).inputTokens, 2000);
        assert.equal(await result.finishReason, 'stop');
      }
    });

    test(`AI SDK, ${kind} at ${id}: a cut stream is an error`, async () => {
      await play([{ text: 'Half of an answer that', cut: true }]);
      let seen;
      const result = streamText({ model: make(id), prompt: 'go', maxRetries: 0, onError: ({ error }) => { seen = error; } });
      await result.consumeStream();
      assert.ok(seen);
    });

    test(`AI SDK, ${kind} at ${id}: a 429 is tried again, a 400 not`, async () => {
      await play([{ status: 429, type: 'rate_limit_error', message: 'Slow down.', headers: { 'Retry-After': '1' } },
        { text: 'Now.' }]);
      assert.equal((await generateText({ model: make(id), prompt: 'go' })).text, 'Now.');
      await play([{ status: 400, type: 'invalid_request_error', message: 'Bad temperature.' }]);
      await assert.rejects(generateText({ model: make(id), prompt: 'go' }), /Bad temperature/);
      assert.equal((await heard()).length, 1);
    });
  }

test('AI SDK, openai responses at chat:m: reasoning of an earlier answer does not hinder a converted tool', async () => {
  await play([{ thought: 'Hm.', ...rain }, { text: 'Rain.' }]);
  const { text } = await generateText({ model: vercel.responses('chat:m'), prompt: 'go', stopWhen: stepCountIs(3),
    maxRetries: 0, tools: { weather: tool({ description: 'The weather.', inputSchema: z.object({ city: z.string() }),
      execute: () => 'rain' }) } });
  assert.equal(text, 'Rain.');
});

// ---- LangChain ----

const chains = {
  'ChatOpenAI, chat': model => new ChatOpenAI({ model, apiKey: key, maxRetries: 0, useResponsesApi: false,
    configuration: { baseURL: `${gateway}/v1` } }),
  'ChatOpenAI, responses': model => new ChatOpenAI({ model, apiKey: key, maxRetries: 0, useResponsesApi: true,
    configuration: { baseURL: `${gateway}/v1` } }),
  ChatAnthropic: model => new ChatAnthropic({ model, apiKey: key, maxRetries: 0, anthropicApiUrl: gateway }),
};

for (const [kind, make] of Object.entries(chains))
  for (const id of ['native:m', 'chat:m', 'claude:m', 'gemini:m'])
    test(`LangChain, ${kind} at ${id}: text, tool, error`, async () => {
      await play([{ text: 'Four.' }, rain, rain, { text: 'Half of an answer that', cut: true },
        { status: 400, type: 'invalid_request_error', message: 'Bad temperature.' }]);
      assert.equal((await make(id).invoke('go')).text, 'Four.');
      const bound = make(id).bindTools([{ name: 'weather', description: 'w', schema }]);
      const called = await bound.invoke('go');
      assert.deepEqual(called.tool_calls.map(call => [call.name, call.args]), [['weather', { city: 'Oslo' }]]);
      assert.equal(called.usage_metadata.input_tokens, 1000);
      let all;
      for await (const piece of await bound.stream('go')) all = all ? all.concat(piece) : piece;
      assert.deepEqual(all.tool_calls.map(call => call.args), [{ city: 'Oslo' }]);
      await assert.rejects(async () => { for await (const piece of await make(id).stream('go')) void piece; });
      await assert.rejects(make(id).invoke('go'), /Bad temperature/);
    });
