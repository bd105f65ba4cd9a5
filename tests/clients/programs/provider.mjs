// A provider that plays a script to programs: one that speaks chat completions, Responses, Messages and Gemini's API,
// whichever it is asked in. provider.mjs PORT_FILE. POST /_play {steps, tools_only} begins a script, GET /_heard has the requests since.
//
// A step is what a model would do: {text, thought, calls: [{TOOL: ARGUMENTS, ...}]}, where a call names tools of which
// the request has offered one, by the end of its name; or what goes wrong: {status, type, code, message, headers},
// {cut: true} hangs up behind the first words, {error: {...}} is an error in a stream; {wait: SECONDS} first. After the last step, and with
// tools_only for each request without tools, the answer is "ok".
import { createServer } from 'node:http';
import { renameSync, writeFileSync } from 'node:fs';

let script = { steps: [] };
let heard = [];
let number = 0;

const dialect_of = path => path.endsWith('/chat/completions') ? 'chat' : path.endsWith('/responses') ? 'responses'
  : path.endsWith('/messages') ? 'messages' : /:(streamG|g)enerateContent$/.test(path) ? 'gemini' : null;

// Tools as {kind, name, namespace}, whatever the dialect.
function offered(dialect, body) {
  const more = Array.isArray(body.input) ? body.input.flatMap(item => item.tools ?? []) : [];
  return [...body.tools ?? [], ...more].flatMap(tool => {
    if (dialect === 'gemini')
      return (tool.functionDeclarations ?? []).map(({ name }) => ({ kind: 'function', name }));
    if (dialect === 'chat') return [{ kind: 'function', name: tool.function.name }];
    if (dialect === 'messages') return [{ kind: 'function', name: tool.name }];
    if (tool.type === 'namespace')
      return tool.tools.map(inner => ({ kind: inner.type, name: inner.name, namespace: tool.name }));
    return [{ kind: tool.type, name: tool.name ?? tool.type }];
  });
}

function choose(tools, wanted) {
  for (const [name, given] of Object.entries(wanted)) {
    const tool = tools.find(tool => tool.name === name || tool.name.endsWith(`_${name}`) ||
      (tool.namespace && name === `${tool.namespace}__${tool.name}`));
    if (!tool) continue;
    const text = typeof given === 'string'; // for a custom tool
    number += 1;
    return { ...tool, id: `call_${number}`, input: text ? given : undefined,
      args: text ? { input: given } : given };
  }
  throw new Error(`none of ${Object.keys(wanted)} among ${tools.map(tool => tool.name)}`);
}

const pieces = text => text.match(/[^]{1,7}/g) ?? [];
const usage = { prompt: 1000, completion: 50 };

const chat = {
  buffered: (model, step, calls) => ({ id: 'c1', object: 'chat.completion', created: 1, model,
    choices: [{ index: 0, finish_reason: calls.length ? 'tool_calls' : 'stop', message: { role: 'assistant',
      content: step.text ?? null, ...(step.thought && { reasoning_content: step.thought }),
      ...(calls.length && { tool_calls: calls.map(call => ({ id: call.id, type: 'function',
        function: { name: call.name, arguments: JSON.stringify(call.args) } })) }) } }],
    usage: { prompt_tokens: usage.prompt, completion_tokens: usage.completion, total_tokens: 1050 } }),
  * stream(model, step, calls) {
    const frame = (delta, finish_reason = null) => `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk',
      created: 1, model, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
    yield frame({ role: 'assistant', content: '' });
    for (const piece of pieces(step.thought ?? '')) yield frame({ reasoning_content: piece });
    for (const piece of pieces(step.text ?? '')) yield frame({ content: piece });
    if (step.error) yield `data: ${JSON.stringify({ error: step.error })}\n\n`;
    for (const [index, call] of calls.entries()) {
      yield frame({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] });
      for (const piece of pieces(JSON.stringify(call.args)))
        yield frame({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
    yield frame({}, calls.length ? 'tool_calls' : 'stop');
    yield `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model, choices: [],
      usage: { prompt_tokens: usage.prompt, completion_tokens: usage.completion, total_tokens: 1050 } })}\n\n`;
    yield 'data: [DONE]\n\n';
  },
  failure: step => ({ error: { message: step.message, type: step.type, param: null, code: step.code ?? null } }),
};

const responses = {
  items: (step, calls) => [
    ...(step.thought ? [{ type: 'reasoning', id: `rs_${number}`, summary: [{ type: 'summary_text', text: step.thought }] }]
      : []),
    ...(step.text ? [{ type: 'message', id: `msg_${number}`, status: 'completed', role: 'assistant',
      content: [{ type: 'output_text', text: step.text, annotations: [] }] }] : []),
    ...calls.map(call => call.kind === 'custom'
      ? { type: 'custom_tool_call', id: `ct_${call.id}`, call_id: call.id, name: call.name, input: call.input,
        ...(call.namespace && { namespace: call.namespace }) }
      : { type: 'function_call', id: `fc_${call.id}`, call_id: call.id, name: call.name, status: 'completed',
        ...(call.namespace && { namespace: call.namespace }), arguments: JSON.stringify(call.args) })],
  buffered: (model, step, calls) => ({ id: `resp_${number += 1}`, object: 'response', created_at: 1, status: 'completed',
    model, output: responses.items(step, calls), error: null, incomplete_details: null, tools: [], metadata: {},
    usage: { input_tokens: usage.prompt, input_tokens_details: { cached_tokens: 0 }, output_tokens: usage.completion,
      output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 1050 } }),
  * stream(model, step, calls) {
    const done = responses.buffered(model, step, calls);
    let sequence_number = 0;
    const event = (type, members) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...members })}\n\n`;
    yield event('response.created', { response: { ...done, status: 'in_progress', output: [], usage: null } });
    for (const [output_index, item] of done.output.entries()) {
      yield event('response.output_item.added', { output_index, item: item.type === 'message'
        ? { ...item, content: [] } : item });
      if (item.type === 'message') {
        const place = { item_id: item.id, output_index, content_index: 0 };
        yield event('response.content_part.added', { ...place, part: { type: 'output_text', text: '', annotations: [] } });
        for (const delta of pieces(step.text)) yield event('response.output_text.delta', { ...place, delta });
        if (step.error) yield event('error', step.error);
        yield event('response.output_text.done', { ...place, text: step.text });
        yield event('response.content_part.done', { ...place, part: item.content[0] });
      }
      yield event('response.output_item.done', { output_index, item });
    }
    yield event('response.completed', { response: done });
  },
  failure: chat.failure,
};

const messages = {
  blocks: (step, calls) => [
    ...(step.thought ? [{ type: 'thinking', thinking: step.thought, signature: 'c2lnbmVk' }] : []),
    ...(step.text ? [{ type: 'text', text: step.text }] : []),
    ...calls.map(call => ({ type: 'tool_use', id: call.id, name: call.name, input: call.args }))],
  buffered: (model, step, calls) => ({ id: `msg_${number += 1}`, type: 'message', role: 'assistant', model,
    content: messages.blocks(step, calls), stop_reason: calls.length ? 'tool_use' : 'end_turn', stop_sequence: null,
    usage: { input_tokens: usage.prompt, output_tokens: usage.completion } }),
  * stream(model, step, calls) {
    const event = (type, members) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
    const done = messages.buffered(model, step, calls);
    yield event('message_start', { message: { ...done, content: [], stop_reason: null,
      usage: { input_tokens: usage.prompt, output_tokens: 1 } } });
    for (const [index, block] of done.content.entries()) {
      const kind = block.type;
      yield event('content_block_start', { index, content_block: kind === 'text' ? { type: kind, text: '' }
        : kind === 'thinking' ? { type: kind, thinking: '', signature: '' } : { ...block, input: {} } });
      if (kind === 'text')
        for (const text of pieces(block.text))
          yield event('content_block_delta', { index, delta: { type: 'text_delta', text } });
      if (kind === 'text' && step.error) yield event('error', { error: step.error });
      if (kind === 'thinking') {
        yield event('content_block_delta', { index, delta: { type: 'thinking_delta', thinking: block.thinking } });
        yield event('content_block_delta', { index, delta: { type: 'signature_delta', signature: block.signature } });
      }
      if (kind === 'tool_use')
        for (const partial_json of pieces(JSON.stringify(block.input)))
          yield event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } });
      yield event('content_block_stop', { index });
    }
    yield event('message_delta', { delta: { stop_reason: done.stop_reason, stop_sequence: null },
      usage: { output_tokens: usage.completion } });
    yield event('message_stop', {});
  },
  failure: step => ({ type: 'error', error: { type: step.type, message: step.message } }),
};

const gemini = {
  piece: (parts, finishReason) => ({ candidates: [{ content: { role: 'model', parts }, index: 0,
    ...(finishReason && { finishReason }) }], modelVersion: 'm', responseId: 'r1', usageMetadata: {
    promptTokenCount: usage.prompt, candidatesTokenCount: usage.completion, totalTokenCount: 1050 } }),
  parts: (step, calls) => [
    ...(step.thought ? [{ text: step.thought, thought: true }] : []),
    ...pieces(step.text ?? '').map(text => ({ text })),
    ...calls.map(({ name, args, id }, index) => ({ functionCall: { id, name, args },
      ...(index === 0 && { thoughtSignature: 'c2lnbmVk' }) }))],
  buffered: (model, step, calls) => gemini.piece(gemini.parts(step, calls), 'STOP'),
  * stream(model, step, calls) {
    const parts = gemini.parts(step, calls);
    for (const [index, part] of parts.entries()) {
      yield `data: ${JSON.stringify(gemini.piece([part], index === parts.length - 1 ? 'STOP' : null))}\r\n\r\n`;
      if (step.error) yield `data: ${JSON.stringify(gemini.failure({ status: 503, ...step.error }))}\r\n\r\n`;
    }
  },
  failure: step => ({ error: { code: step.status, message: step.message, status: { 400: 'INVALID_ARGUMENT',
    401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED',
    503: 'UNAVAILABLE' }[step.status] ?? 'INTERNAL' } }),
};

const dialects = { chat, responses, messages, gemini };

function send_json(response, status, value, headers = {}) {
  const bytes = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers });
  response.end(bytes);
}

async function send_stream(response, frames, step) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  let words = 0;
  for (const frame of frames) {
    response.write(frame);
    const content = /"content":"[^"]|text(_delta|\.delta)|"parts":\[\{"text"/.test(frame);
    if (content) await new Promise(resolve => setTimeout(resolve, 5));
    if (step.cut && content && (words += 1) > 2) return response.destroy();
    if (step.error && /"error"/.test(frame)) return response.end();
  }
  response.end();
}

async function answer(request, response, body) {
  const path = request.url.split('?')[0];
  if (path.endsWith('/_play')) {
    script = body;
    heard = [];
    return send_json(response, 200, {});
  }
  if (path.endsWith('/_heard')) return send_json(response, 200, heard);
  if (path.endsWith('/count_tokens')) return send_json(response, 200, { input_tokens: 1000 });
  if (path.endsWith('/models')) return send_json(response, 200, { object: 'list', data: [] });
  const dialect = dialect_of(path);
  if (!dialect) return send_json(response, 404, { error: { message: `no ${path}`, type: 'invalid_request_error' } });
  const side = Boolean(script.tools_only && !body.tools?.length);
  const step = (!side && script.steps.shift()) || { text: 'ok' };
  heard.push({ dialect, side, path: request.url, headers: request.headers, body });
  const { buffered, stream, failure } = dialects[dialect];
  if (step.wait) await new Promise(resolve => setTimeout(resolve, step.wait * 1000));
  if (step.status) return send_json(response, step.status, failure(step), step.headers);
  const calls = (step.calls ?? []).map(wanted => choose(offered(dialect, body), wanted));
  if (body.stream || path.endsWith(':streamGenerateContent')) return send_stream(response, stream(body.model, step, calls), step);
  if (step.cut) return response.destroy();
  if (step.error) return send_json(response, 500, failure(step.error));
  return send_json(response, 200, buffered(body.model, step, calls));
}

const server = createServer((request, response) => {
  const bytes = [];
  request.on('data', piece => bytes.push(piece));
  request.on('end', async () => {
    try {
      await answer(request, response, bytes.length ? JSON.parse(Buffer.concat(bytes)) : {});
    } catch (error) {
      heard.push({ wrong: String(error) });
      send_json(response, 400, { error: { message: `the script does not fit: ${error.message}`, type: 'script' } });
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  writeFileSync(`${process.argv[2]}.new`, String(server.address().port));
  renameSync(`${process.argv[2]}.new`, process.argv[2]);
});
