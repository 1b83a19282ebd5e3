import { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { CallContext } from '../call.js';
import { CallRejectedError, ConfigurationError, isLocalFailure, type ConfigurationProblem } from '../errors.js';
import type { GatewayPlugin } from './gateway-plugin.js';
import { explorePlugins } from './plugin.explorer.js';

type Hook = 'onServiceStart' | 'onServiceStop' | 'onMethodCall' | 'onInternalError';

/** The plugins of the app: looked up by name, started, told and stopped in order. */
export class Plugins {
  private plugins: readonly GatewayPlugin[] | undefined;
  /** Those with such a hook, so that a call without listeners costs one comparison. */
  private callListeners: readonly GatewayPlugin[] = [];
  private errorListeners: readonly GatewayPlugin[] = [];
  private readonly started: GatewayPlugin[] = [];
  private readonly logger = new Logger(Plugins.name);

  constructor(private readonly modules: ModulesContainer) {}

  /** @throws ConfigurationError for a name that no plugin has */
  get<T extends GatewayPlugin>(name: string): T {
    const plugins = this.plugins ?? explorePlugins(this.modules).plugins;
    const found = plugins.find((plugin) => plugin.name === name);
    if (found !== undefined) return found as T;
    const known = plugins.map((plugin) => plugin.name).join(', ') || 'none';
    throw new ConfigurationError([
      { path: `plugins.${name}`, message: `is no plugin of this app (there are: ${known})` },
    ]);
  }

  /** @internal Once every provider was made. */
  explore(): ConfigurationProblem[] {
    const { plugins, problems } = explorePlugins(this.modules);
    this.plugins = plugins;
    this.callListeners = plugins.filter(({ onMethodCall }) => onMethodCall !== undefined);
    this.errorListeners = plugins.filter(({ onInternalError }) => onInternalError !== undefined);
    return problems;
  }

  /** @internal Where one cannot start, those before it are stopped, and its error is thrown as it is. */
  async start(): Promise<void> {
    try {
      for (const plugin of this.plugins ?? []) {
        await plugin.onServiceStart?.();
        this.started.push(plugin);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** @internal Each once, in the opposite order. */
  async stop(): Promise<void> {
    for (let plugin = this.started.pop(); plugin !== undefined; plugin = this.started.pop()) {
      try {
        await plugin.onServiceStop?.();
      } catch (error) {
        this.blame(plugin, 'onServiceStop', error);
      }
    }
  }

  /** @internal Whether a call has to be told before its handler runs. */
  get hearCalls(): boolean {
    return this.callListeners.length > 0;
  }

  /** @internal Resolves with the first refusal, once every plugin has heard of the call. */
  async methodCalled(call: CallContext, payload: unknown): Promise<CallRejectedError | undefined> {
    let refusal: CallRejectedError | undefined;
    for (const plugin of this.callListeners) {
      try {
        await plugin.onMethodCall!(call, payload);
      } catch (error) {
        if (!(error instanceof CallRejectedError)) this.blame(plugin, 'onMethodCall', error);
        else refusal ??= error;
      }
    }
    return refusal;
  }

  /** @internal Whether this is for somebody to hear. */
  hearError(error: unknown): boolean {
    return this.errorListeners.length > 0 && isLocalFailure(error);
  }

  /** @internal Never rejects. */
  async internalError(error: Error, call: CallContext): Promise<void> {
    for (const plugin of this.errorListeners) {
      try {
        await plugin.onInternalError!(error, call);
      } catch (thrown) {
        this.blame(plugin, 'onInternalError', thrown);
      }
    }
  }

  private blame(plugin: GatewayPlugin, hook: Hook, error: unknown): void {
    this.logger.error(`${hook} of ${plugin.name} threw`, error instanceof Error ? error.stack : error);
  }
}
