import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExposedMethod, GatewayModule } from 'sallyport';
import { reportReady } from '../../commands/start-up/ready.js';
import { StraightWire } from '../straight-wire.js';
import { thousandHandlers } from './thousand-handlers.js';

@Module({
  imports: [GatewayModule.forRoot({ service: 'bench', transports: [new StraightWire()] })],
  controllers: thousandHandlers((name) => ExposedMethod(name)),
})
class AppModule {}

await NestFactory.createApplicationContext(AppModule, { logger: false });
reportReady();
