/** Row of the tables → the module its process loads. */
export const CONTENDERS = {
  'bare call': './bare-call.js',
  sallyport: './sallyport-method.js',
  'sallyport, context: false': './sallyport-without-context.js',
  'sallyport, class command': './sallyport-class.js',
  'opossum, capacity and timeout': './opossum.js',
  'opossum, the same, no snapshots': './opossum-without-snapshots.js',
  'opossum, capacity, no timeout': './opossum-without-timeout.js',
  'cockatiel, breaker, timeout, bulkhead': './cockatiel.js',
  'cockatiel, breaker': './cockatiel-breaker-only.js',
  'Moleculer, breaker, timeout, bulkhead': './moleculer.js',
  'Moleculer, plain call': './moleculer-plain.js',
} as const;

export type ContenderName = keyof typeof CONTENDERS;
