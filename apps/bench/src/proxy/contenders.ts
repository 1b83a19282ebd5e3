/** Row of the tables → the module that serves it; `direct` is the upstream itself. */
export const CONTENDERS = {
  direct: './upstream.js',
  nginx: './gateways/nginx.js',
  'bare undici': './gateways/undici-dispatch.js',
  'sallyport, own listener': './gateways/sallyport-listener.js',
  'sallyport, inside Nest/Fastify': './gateways/sallyport-in-fastify.js',
  '@fastify/http-proxy': './gateways/fastify-http-proxy.js',
  'http-proxy-3': './gateways/http-proxy-3.js',
  'http-proxy-middleware': './gateways/http-proxy-middleware.js',
} as const;

export type ContenderName = keyof typeof CONTENDERS;
