import type { SerializedGraph } from '@nestjs/core';
import type { CommandExplorer } from './commands/command.explorer.js';
import { failOn } from './options.js';
import type { Plugins } from './plugins/plugins.js';
import type { RoutePlanner } from './routes/route.planner.js';

/** Reads what the decorators recorded, once every provider was made. */
export class Bootstrap {
  constructor(
    private readonly commands: CommandExplorer,
    private readonly plugins: Plugins,
    private readonly routes: RoutePlanner,
    private readonly graph: SerializedGraph,
  ) {}

  /** @throws ConfigurationError with every problem of commands, plugins and routes */
  async run(): Promise<void> {
    failOn([...this.commands.explore(), ...this.plugins.explore(), ...this.routes.plan()]);
    await this.routes.build(this.graph);
  }
}
