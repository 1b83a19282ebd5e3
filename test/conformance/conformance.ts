import type { WireUnderTest } from './wire-under-test.js';
import { describeContext } from './context.suite.js';
import { describeErrors } from './errors.suite.js';
import { describeEvents } from './events.suite.js';
import { describeReplies } from './replies.suite.js';
import { describeShutdown } from './shutdown.suite.js';
import { describeValues } from './values.suite.js';
import { describe } from 'vitest';

/** What every wire has to do; `make` gives a new one for each test. */
export function conforms(name: string, make: () => WireUnderTest): void {
  describe(`${name}, as a wire`, () => {
    describeReplies(make);
    describeValues(make);
    describeErrors(make);
    describeContext(make);
    if (make().transport.emit !== undefined) describeEvents(make);
    describeShutdown(make);
  });
}
