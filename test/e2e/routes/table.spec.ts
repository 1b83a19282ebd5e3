import { Controller } from '@nestjs/common';
import { SerializedGraph } from '@nestjs/core';
import { EventHandler, ExposedMethod, ExposedNamespace, RouteTable } from 'sallyport';
import { describe, expect, it } from 'vitest';
import { run } from './support/app.js';

describe('the table of routes', () => {
  @Controller()
  class Base {
    @ExposedMethod({ private: true, params: ['id'], pool: 'users', timeoutMs: 50 })
    find(id: number): number {
      return id;
    }
    @EventHandler('a')
    @EventHandler('b', { source: 'there', delivery: 'singleton', name: 'both' })
    handle(): void {}
    @ExposedMethod()
    hidden(): void {}
  }
  @ExposedNamespace('admins')
  @Controller()
  class Admins extends Base {
    override hidden(): void {}
  }

  it('has every route as data, inherited ones too, and none of what is overridden', async () => {
    const { app } = await run({ controllers: [Admins] });
    expect(app.get(RouteTable).describe()).toEqual([
      {
        entrypoint: { transport: '*', kind: 'method', options: { name: 'admins.find', private: true, params: ['id'] } },
        handler: 'Admins.find',
        pool: 'users',
        options: { pool: 'users', timeoutMs: 50 },
      },
      {
        entrypoint: {
          transport: '*',
          kind: 'event',
          options: { event: 'a', source: 'here', delivery: 'service', name: 'handle' },
        },
        handler: 'Admins.handle',
        pool: 'default',
        options: {},
      },
      {
        entrypoint: {
          transport: '*',
          kind: 'event',
          options: { event: 'b', source: 'there', delivery: 'singleton', name: 'both' },
        },
        handler: 'Admins.handle',
        pool: 'default',
        options: {},
      },
    ]);
  });

  it('is in the graph that the devtools of Nest show', async () => {
    const { app } = await run({ controllers: [Admins] });
    const { entrypoints } = app.get(SerializedGraph).toJSON();
    const ours = Object.values(entrypoints).flat();
    expect(ours).toContainEqual(
      expect.objectContaining({
        type: 'sallyport',
        className: 'Admins',
        methodName: 'find',
        metadata: { key: 'admins.find', transport: '*', kind: 'method' },
      }),
    );
    expect(ours).toHaveLength(3);
  });
});
