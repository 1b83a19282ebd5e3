// An upstream that can be killed: 200 bytes at any path of `PORT`.
import { createServer } from 'node:http';

const body = Buffer.alloc(200, 'x');

createServer((request, response) => {
  request.resume();
  response.setHeader('content-length', body.length);
  response.end(body);
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
