import { Controller, type Type } from '@nestjs/common';

const CONTROLLERS = 100;
const METHODS = 10;

/** A thousand handlers in a hundred controllers, each method as `route` decorates it. */
export function thousandHandlers(route: (name: string) => MethodDecorator = () => () => {}): Type[] {
  return Array.from({ length: CONTROLLERS }, (_, at) => controller(`c${at}`, route));
}

function controller(name: string, route: (name: string) => MethodDecorator): Type {
  @Controller()
  class Handlers {}
  for (let at = 0; at < METHODS; at += 1) {
    const method = `run${at}`;
    const descriptor = { value: (value: unknown) => value, configurable: true, enumerable: false, writable: true };
    Object.defineProperty(Handlers.prototype, method, descriptor);
    route(`${name}.${method}`)(Handlers.prototype, method, descriptor);
  }
  return Handlers;
}
