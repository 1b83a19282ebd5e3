import {
  Controller,
  Get,
  HttpCode,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Scope,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Reflector, type AbstractHttpAdapter } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Command, GatewayModule, PoolRegistry, currentCall } from 'sallyport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

@Injectable()
class Clearance implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  /** A command of a guard. */
  @Command({ group: 'guards' })
  async allows(needed: string | undefined): Promise<boolean> {
    return needed !== 'secret';
  }

  canActivate(context: ExecutionContext): Promise<boolean> {
    return this.allows(this.reflector.get('clearance', context.getHandler()));
  }
}

@Controller('users')
@UseGuards(Clearance)
class UsersController {
  private readonly names = ['ann', 'joe'];

  @Get('above/:id')
  @Command({ group: 'api' })
  async above(@Param('id', ParseIntPipe) id: number, @Query('mark') mark = ''): Promise<object> {
    return { name: this.names[id], mark, route: currentCall().route };
  }

  @Command({ group: 'api' })
  @Get('below/:id')
  async below(@Param('id', ParseIntPipe) id: number, @Query('mark') mark = ''): Promise<object> {
    return { name: this.names[id], mark, route: currentCall().route };
  }

  @SetMetadata('clearance', 'secret')
  @Command({ group: 'api' })
  @Get('secret/above')
  async secretAbove(): Promise<void> {}

  @Command({ group: 'api' })
  @SetMetadata('clearance', 'secret')
  @Get('secret/below')
  async secretBelow(): Promise<void> {}

  @HttpCode(202)
  @Command({ group: 'api', fallback: 'later' })
  @Post()
  create(): object {
    throw new Error('down');
  }

  later(error: Error): object {
    return { later: error.message };
  }

  @Get('broken')
  @Command({ group: 'api' })
  broken(): never {
    throw new Error('down');
  }
}

let instances = 0;

@Controller({ path: 'fresh', scope: Scope.REQUEST })
class FreshController {
  private readonly number = ++instances;

  @Get()
  @Command({ group: 'api' })
  async count(): Promise<object> {
    return { number: this.number };
  }
}

const ADAPTERS: [name: string, adapter: () => AbstractHttpAdapter][] = [
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
];

describe.each(ADAPTERS)('a controller whose handlers are commands, on %s', (_, adapter) => {
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    const controllers = [UsersController, FreshController];
    const module = await Test.createTestingModule({ imports: [GatewayModule.forRoot()], controllers }).compile();
    app = module.createNestApplication(adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });

  afterAll(() => app.close());

  const get = async (path: string): Promise<[status: number, body: unknown]> => {
    const response = await fetch(url + path);
    return [response.status, await response.json()];
  };

  it.each(['above', 'below'])('answers over HTTP where @Get() is %s @Command', async (place) => {
    const answer = { name: 'joe', mark: '!', route: `api/UsersController.${place}` };
    expect(await get(`/users/${place}/1?mark=!`)).toEqual([200, answer]);
    expect((await get(`/users/${place}/x`))[0]).toBe(400);
  });

  it.each(['above', 'below'])('shows its guards what is said of the handler %s @Command', async (place) => {
    expect((await get(`/users/secret/${place}`))[0]).toBe(403);
  });

  it('answers with its fallback and with its own status', async () => {
    const response = await fetch(`${url}/users`, { method: 'POST' });
    expect([response.status, await response.json()]).toEqual([202, { later: 'down' }]);
  });

  it('fails as an ordinary handler does', async () => {
    expect(await get('/users/broken')).toEqual([500, { statusCode: 500, message: 'Internal server error' }]);
  });

  it('works where it is made anew for each request', async () => {
    const [[, one], [, other]] = await Promise.all([get('/fresh'), get('/fresh')]);
    expect(one).not.toEqual(other);
  });

  it('is counted in its pool, and so are the commands of its guard', async () => {
    await get('/users/above/0');
    const circuits = app
      .get(PoolRegistry)
      .snapshot()
      .flatMap((pool) => pool.circuits);
    const keys = circuits.map(({ key }) => key);
    expect(keys).toContain('Clearance.allows');
    expect(keys).toContain('UsersController.above');
  });
});
