import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GatewayModule } from 'sallyport';
import { reportReady } from './ready.js';

@Module({ imports: [GatewayModule.forRoot()] })
class AppModule {}

await NestFactory.createApplicationContext(AppModule, { logger: false });
reportReady();
