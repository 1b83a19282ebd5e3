import { LinesClient } from '../../apps/wire/src/client.js';
import { LinesTransport } from '../../apps/wire/src/lines.js';
import { freePort } from '../support/port.js';
import { conforms } from './conformance.js';

const port = await freePort();

conforms('the wire of the example', () => ({
  transport: new LinesTransport(port),
  connect: () => LinesClient.connect(port),
}));
