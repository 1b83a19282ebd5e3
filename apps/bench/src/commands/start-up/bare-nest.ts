import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { reportReady } from './ready.js';

@Module({})
class AppModule {}

await NestFactory.createApplicationContext(AppModule, { logger: false });
reportReady();
