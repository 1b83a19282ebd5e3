import { once } from 'node:events';
import ts from 'typescript';
import { startNode } from '../../../support/child.js';

const HEAD = `
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, Commands, GatewayModule } from 'sallyport';
`;

const compilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/** Runs a TypeScript program in a node process of its own, which finds the built package by its name, until it ends. */
export async function runProgram(
  source: string,
): Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }> {
  const { outputText } = ts.transpileModule(HEAD + source, { compilerOptions });
  const child = startNode(['--input-type=module', '-e', outputText], { NO_COLOR: '1' });
  const [code, signal] = await once(child.process, 'close');
  return { code, signal, output: child.output() };
}
