// SPDX-License-Identifier: MIT
// usage: node keep-alive-server.js announced|silent MILLISECONDS
// Answers every chat with how many connections and requests there were, and closes connections that idle, as Node does
// with that keepAliveTimeout; announces it in a Keep-Alive header, or not. Prints its port, and after how many
// milliseconds a connection was closed indeed: versions of Node add a second or don't.
const http = require('node:http');
const net = require('node:net');

const [manner, limit] = process.argv.slice(2);
let connections = 0;
let requests = 0;
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    requests += 1;
    const chunk = { choices: [{ index: 0, delta: { content: `${connections} ${requests}` }, finish_reason: 'stop' }] };
    // with a Connection header of our own, Node adds no Keep-Alive header
    if (manner === 'silent') response.setHeader('Connection', 'keep-alive');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
});
server.keepAliveTimeout = Number(limit);
server.on('connection', () => { connections += 1; });
server.listen(0, '127.0.0.1', 2048, () => {
  const { port } = server.address();
  let answered = 0;
  const probe = net.connect(port, '127.0.0.1', () => probe.write('GET / HTTP/1.1\r\nHost: probe\r\n\r\n'));
  probe.on('data', () => { answered = performance.now(); });
  probe.on('end', () => {
    connections = 0;
    requests = 0;
    console.log(`${port} ${Math.round(performance.now() - answered)}`);
  });
});
