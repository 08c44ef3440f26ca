// SPDX-License-Identifier: MIT
// usage: node keep-alive-server.js announced|silent MILLISECONDS
// Answers every chat with how many connections and requests there were, and closes a connection that idles for that
// long; says so in a Keep-Alive header, or not. Prints its port.
const http = require('node:http');

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
server.keepAliveTimeoutBuffer = 0; // newer versions of Node would wait a second longer than they announce
server.on('connection', () => { connections += 1; });
server.listen(0, '127.0.0.1', 2048, () => console.log(server.address().port));
