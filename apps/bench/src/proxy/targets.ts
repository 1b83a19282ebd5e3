import { times } from '../harness/table.js';
import type { Target } from '../harness/targets.js';
import type { ContenderName } from './contenders.js';
import type { Results } from './results.js';
import type { ScenarioName } from './scenarios.js';

type Measured = Target<Results>['measured'];

const SCENARIO: ScenarioName = 'GET of 200 B, 64 connections';
const OURS: ContenderName = 'sallyport, own listener';
const HOOKED: ContenderName = 'sallyport, inside Nest/Fastify';
const BARE: ContenderName = 'bare undici';

/** All of them at 64 connections and 200 B. */
export const TARGETS: readonly Target<Results>[] = [
  { what: 'own listener, CPU ÷ bare undici', is: '≤', bar: 1.2, format: times, measured: cpu(OURS) },
  { what: 'inside Nest/Fastify, CPU ÷ bare undici', format: times, measured: cpu(HOOKED) },
  { what: 'req/s ÷ @fastify/http-proxy', is: '≥', bar: 1.7, format: times, measured: rate('@fastify/http-proxy') },
  { what: 'req/s ÷ http-proxy-3', is: '≥', bar: 1.7, format: times, measured: rate('http-proxy-3') },
  { what: 'req/s ÷ nginx', is: '≥', bar: 0.5, format: times, measured: rate('nginx') },
];

function cpu(contender: ContenderName): Measured {
  return (results) => results.cpu.ratio([SCENARIO, contender], [SCENARIO, BARE]);
}

function rate(peer: ContenderName): Measured {
  return (results) => results.rate.ratio([SCENARIO, OURS], [SCENARIO, peer]);
}
