import {
  Catch,
  Injectable,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { map, of, type Observable } from 'rxjs';

/** What happened in a test, in order. */
export const steps: string[] = [];

export function taken(): string[] {
  return steps.splice(0);
}

/** One of each kind of enhancer, that says when it is at work. */
export function guard(name: string, allows = true): Type<CanActivate> {
  @Injectable()
  class Guard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      steps.push(`guard ${name} on ${context.getClass().name}.${context.getHandler().name} (${context.getType()})`);
      return allows;
    }
  }
  return Guard;
}

export function interceptor(name: string): Type<NestInterceptor> {
  @Injectable()
  class Interceptor implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      steps.push(`before ${name}`);
      return next.handle().pipe(
        map((value: unknown) => {
          steps.push(`after ${name}`);
          return value;
        }),
      );
    }
  }
  return Interceptor;
}

export function pipe(name: string): Type<PipeTransform> {
  @Injectable()
  class Pipe implements PipeTransform {
    transform(value: unknown): unknown {
      steps.push(`pipe ${name} sees ${isPlain(value) ? JSON.stringify(value) : 'the context'}`);
      return value;
    }
  }
  return Pipe;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null || [Object, Array].includes(value.constructor as never);
}

/** Answers instead of the handler. */
export function filter(name: string, ...caught: Type<Error>[]): Type<ExceptionFilter> {
  @Catch(...caught)
  class Filter implements ExceptionFilter {
    catch(error: Error, host: ArgumentsHost): Observable<unknown> {
      steps.push(`filter ${name} on ${host.getType()} has ${error.message}`);
      return of(`${name} answers`);
    }
  }
  return Filter;
}
