import {
  applyDecorators,
  Controller,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { answer, type Message } from './message.js';

class Guard {
  canActivate(): boolean {
    return true;
  }
}

class Pipe implements PipeTransform {
  transform(value: unknown): unknown {
    return value;
  }
}

class Interceptor implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): ReturnType<NestInterceptor['intercept']> {
    return next.handle();
  }
}

const NOTHING = applyDecorators();
const [guard, pipe, interceptor] = [UseGuards(Guard), UsePipes(Pipe), UseInterceptors(Interceptor)];

/** Heading in the report → the controller with one handler, which `route` makes one of Sallyport or of Nest. */
export const SCENARIOS = {
  'Nothing on it': (route) => plain(route, NOTHING),
  '`@Payload()` and `@Ctx()`': (route) => withParameters(route),
  'A guard': (route) => plain(route, guard),
  'A pipe': (route) => plain(route, pipe),
  'An interceptor': (route) => plain(route, interceptor),
  'A guard, a pipe and an interceptor': (route) => plain(route, applyDecorators(guard, pipe, interceptor)),
  'Request-scoped, nothing on it': (route) => plain(route, NOTHING, Scope.REQUEST),
} as const satisfies Record<string, (route: MethodDecorator) => Type<Handler>>;

export type ScenarioName = keyof typeof SCENARIOS;

export interface Handler {
  run(message: Message, context?: unknown): Promise<number>;
}

function plain(route: MethodDecorator, enhanced: MethodDecorator, scope = Scope.DEFAULT): Type<Handler> {
  @Controller({ scope })
  class Numbers implements Handler {
    @route
    @enhanced
    run(message: Message): Promise<number> {
      return answer(message);
    }
  }
  return Numbers;
}

function withParameters(route: MethodDecorator): Type<Handler> {
  @Controller()
  class Numbers implements Handler {
    @route
    run(@Payload() message: Message, @Ctx() _context: unknown): Promise<number> {
      return answer(message);
    }
  }
  return Numbers;
}
