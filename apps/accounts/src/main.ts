import 'reflect-metadata';
import { type CanActivate, type ExecutionContext, Injectable, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AttemptRecord, backoff, type CallContext, EventHandler, Events, every, ExposedMethod } from 'sallyport';
import { ExposedNamespace, GatewayModule, isGatewayError, Route } from 'sallyport';
import { inMemory, waitForCall } from 'sallyport/testing';
import { z } from 'zod';

const newUser = z.object({ name: z.string().trim().min(1), email: z.email() });
type User = z.infer<typeof newUser> & { id: number };

@Injectable()
class StaffOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToRpc().getContext<CallContext>().headers.authorization === 'Bearer staff';
  }
}

@Injectable()
@ExposedNamespace('users')
class Users {
  private readonly users: User[] = [];

  constructor(private readonly events: Events) {}

  @ExposedMethod({ params: ['name', 'email'], schema: newUser })
  async register(name: string, email: string): Promise<number> {
    const id = this.users.push({ id: this.users.length + 1, name, email });
    await this.events.emit('registered', { name, email });
    return id;
  }

  @ExposedMethod({ params: ['id'] })
  find(id: number): User | null {
    return this.users.find((user) => user.id === id) ?? null;
  }

  @ExposedMethod()
  @UseGuards(StaffOnly)
  list(): User[] {
    return this.users;
  }

  @Route(every(250))
  report(): void {
    console.log(`every 250 ms: there are ${this.users.length} users`);
  }
}

@Injectable()
class Welcome {
  @EventHandler('registered', { backoff: backoff({ maxRetries: 2, intervalMs: 20 }), callback: 'undelivered' })
  send({ email }: User, { attempt }: CallContext): void {
    console.log(`registered: a mail to ${email}, attempt ${attempt}`);
    if (email.endsWith('.invalid')) throw new Error('there is no such host');
  }

  undelivered({ email }: User, error: Error, { count }: AttemptRecord): void {
    console.log(`registered: gave ${email} up after ${count} retries, since ${error.message}`);
  }
}

const wire = inMemory(); // no network, and JSON all the same

@Module({
  imports: [GatewayModule.forRoot({ service: 'accounts', transports: [wire] })],
  providers: [Users, Welcome],
})
class AccountsModule {}

async function call(method: string, params: unknown[] | object, headers?: Record<string, string>): Promise<void> {
  const answer = await wire.call(method, params, { headers }).catch((error: unknown) => error);
  console.log(method, params, '→', isGatewayError(answer) ? `${answer.code}: ${answer.message}` : answer);
}

const app = await NestFactory.createApplicationContext(AccountsModule, { logger: ['error', 'warn'] });
const lastAttempt = waitForCall(app, 'Welcome.send', { count: 4 });
await call('users.register', { name: 'Ada', email: 'ada@example.org' });
await call('users.find', [1]);
await call('users.register', { name: ' ', email: 'nobody' });
await call('users.list', []);
await call('users.list', [], { authorization: 'Bearer staff' });
await call('users.register', ['Bob', 'bob@nowhere.invalid']);
// Nobody waits for an event or a timer; a program that ends by itself has to.
await lastAttempt;
await waitForCall(app, 'Users.report');
await app.close();
