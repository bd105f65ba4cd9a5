// A server of the Model Context Protocol on standard input and output, with one tool: the weather of a city.
import { createInterface } from 'node:readline';

const tool = { name: 'weather', description: 'The weather of a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };

function answer({ method, params }) {
  if (method === 'initialize')
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} },
      serverInfo: { name: 'weather', version: '1' } };
  if (method === 'tools/list') return { tools: [tool] };
  if (method === 'tools/call') return { content: [{ type: 'text', text: `rain in ${params.arguments.city}` }] };
  return {};
}

createInterface({ input: process.stdin }).on('line', line => {
  const request = JSON.parse(line);
  if (request.id !== undefined)
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result: answer(request) })}\n`);
});
