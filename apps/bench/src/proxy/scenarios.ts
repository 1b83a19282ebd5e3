export interface Payload {
  readonly path: string;
  readonly bytes: number;
}

export const SMALL: Payload = { path: '/200', bytes: 200 };
export const LARGE: Payload = { path: '/10240', bytes: 10_240 };
export const UPLOAD_PATH = '/upload';

export interface Scenario {
  readonly path: string;
  readonly connections: number;
  /** Bytes of the body that comes back. */
  readonly replyBytes: number;
  /** Absent: a GET. */
  readonly uploadBytes?: number;
}

const get = ({ path, bytes }: Payload, connections: number): Scenario => ({ path, connections, replyBytes: bytes });

/** Heading in the report → what is asked. */
export const SCENARIOS = {
  'GET of 200 B, 64 connections': get(SMALL, 64),
  'GET of 200 B, 1 connection': get(SMALL, 1),
  'GET of 10 KB, 64 connections': get(LARGE, 64),
  'GET of 10 KB, 1 connection': get(LARGE, 1),
  'POST of 10 KB, 64 connections': {
    path: UPLOAD_PATH,
    connections: 64,
    replyBytes: SMALL.bytes,
    uploadBytes: LARGE.bytes,
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
