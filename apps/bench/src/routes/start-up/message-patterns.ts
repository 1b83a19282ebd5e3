import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions } from '@nestjs/microservices';
import { reportReady } from '../../commands/start-up/ready.js';
import { StraightServer } from '../straight-server.js';
import { thousandHandlers } from './thousand-handlers.js';

@Module({ controllers: thousandHandlers((name) => MessagePattern(name)) })
class AppModule {}

const strategy = new StraightServer();
const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { strategy, logger: false });
await app.listen();
reportReady();
