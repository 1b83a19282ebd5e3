import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { reportReady } from '../../commands/start-up/ready.js';
import { thousandHandlers } from './thousand-handlers.js';

@Module({ controllers: thousandHandlers() })
class AppModule {}

await NestFactory.createApplicationContext(AppModule, { logger: false });
reportReady();
