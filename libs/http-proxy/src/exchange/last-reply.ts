import type { IncomingMessage, ServerResponse } from 'node:http';

const LATEST = Symbol('sallyport.latest');

interface Connection {
  [LATEST]?: IncomingMessage;
}

/** Remembers that this request is the latest on its connection: others may have been sent ahead of it. */
export function noteArrival(request: IncomingMessage): void {
  (request.socket as Connection)[LATEST] = request;
}

/** Has the connection end with this reply, but for a request that came after it and would be lost. */
export function closeAfter(response: ServerResponse): void {
  if ((response.req.socket as Connection)[LATEST] === response.req) response.shouldKeepAlive = false;
}
