import 'reflect-metadata';
import { Controller, Get, Headers, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Command, type CommandHandler, Commands, currentCall, GatewayModule } from 'sallyport';
import { HealthModule } from 'sallyport/health';

const sessions = process.env.SESSION_URL ?? 'http://127.0.0.1:4001/session';

@Command({ group: 'service.session', key: 'get_current_user' })
class GetCurrentUser implements CommandHandler<[cookie: string], number | null> {
  async run(cookie: string): Promise<number | null> {
    const response = await fetch(sessions, { headers: { cookie }, signal: currentCall().signal });
    if (!response.ok) throw new Error(`the session service answered ${response.status}`);
    return ((await response.json()) as { user: number | null }).user;
  }

  fallback(): null {
    return null; // without the session service everybody is a guest
  }
}

@Controller()
class WhoAmI {
  constructor(private readonly commands: Commands) {}

  @Get('whoami')
  async whoAmI(@Headers('cookie') cookie = ''): Promise<{ user: number | null }> {
    return { user: await this.commands.execute(GetCurrentUser, cookie) };
  }
}

const breaker = { minimumCalls: 3, openForMs: 5_000 };

@Module({
  imports: [
    GatewayModule.forRoot({
      pools: { 'service.session': { maxConcurrent: 10, maxQueue: 20, timeoutMs: 1_000, breaker } },
    }),
    HealthModule.forRoot({ details: true }),
  ],
  controllers: [WhoAmI],
  providers: [GetCurrentUser],
})
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
