import { inMemory } from 'sallyport/testing';
import { conforms } from './conformance.js';

conforms('inMemory()', () => {
  const transport = inMemory();
  const call = transport.call.bind(transport);
  return { transport, connect: async () => ({ call, close: async () => {} }) };
});
