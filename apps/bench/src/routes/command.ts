import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, GatewayModule } from 'sallyport';
import { onlyBare } from './contend.js';
import { answer, type Message } from './message.js';

@Injectable()
class Numbers {
  @Command({ group: 'bench' })
  run(message: Message): Promise<number> {
    return answer(message);
  }
}

@Module({ imports: [GatewayModule.forRoot()], providers: [Numbers] })
class BenchModule {}

export const contender = onlyBare(async () => {
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: false });
  const numbers = app.get(Numbers);
  return { dispatch: (message) => numbers.run(message), close: () => app.close() };
});
