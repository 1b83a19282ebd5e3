import type { Duplex } from 'node:stream';
import type { Proxied } from './exchange.js';
import { Tunnel } from './tunnel.js';

/** The WebSockets that are open, or about to be. They outlive their command, so they have a bound of their own. */
export class Tunnels {
  private readonly open = new Set<Tunnel>();

  constructor(private readonly most: number) {}

  get size(): number {
    return this.open.size;
  }

  get full(): boolean {
    return this.open.size >= this.most;
  }

  add(proxied: Proxied, socket: Duplex, head: Buffer): Tunnel {
    const tunnel = new Tunnel(proxied, socket, head);
    this.open.add(tunnel);
    socket.once('close', () => this.open.delete(tunnel));
    return tunnel;
  }

  close(): void {
    for (const tunnel of this.open) tunnel.destroy();
  }
}
