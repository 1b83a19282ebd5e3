/** Row of the tables → the module its process loads. */
export const CONTENDERS = {
  'direct call': './direct-call.js',
  'a command': './command.js',
  'sallyport, a route': './sallyport.js',
  'Nest, a message pattern': './nest.js',
} as const;

export type ContenderName = keyof typeof CONTENDERS;
