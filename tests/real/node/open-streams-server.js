// SPDX-License-Identifier: MIT
// usage: node open-streams-server.js
// Begins to answer every chat and leaves it open, until one for the model "finish" comes: then it ends them all.
// Prints its port.
const http = require('node:http');

const open = [];
const event = (content, finish) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

const server = http.createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ data: [{ id: 'stay' }, { id: 'finish' }] }));
    return;
  }
  let body = '';
  request.on('data', (piece) => { body += piece; }).on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    open.push(response);
    response.write(event('Hel', null));
    if (JSON.parse(body).model !== 'finish') return;
    for (const each of open.splice(0)) {
      for (let i = 0; i < 20; i += 1) each.write(event('l', null));
      each.end(`${event('o', 'stop')}data: [DONE]\n\n`);
    }
  });
});
server.listen(0, '127.0.0.1', 2048, () => console.log(server.address().port));
