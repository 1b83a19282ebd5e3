import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from '../../harness/listen.js';
import { pathOf } from '../../harness/programs.js';
import type { Serve } from '../../harness/server.js';

/** Debian's nginx with one worker, in a directory of its own. */
export const serve: Serve = async (upstream) => {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-bench-nginx-'));
  // Started by root, its worker is somebody else and reads what is in there.
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'nginx.conf'), configuration(port, new URL(upstream).host));
  const args = ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr'];
  const master = spawn(await pathOf('nginx'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = async () => {
    await end(master);
    await rm(directory, { recursive: true });
  };
  try {
    await accepting(port, master);
    return { port, pids: await childrenOf(master.pid!), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

function configuration(port: number, upstream: string): string {
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path client_body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 100000000;
  upstream behind {
    server ${upstream};
    keepalive 64;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function accepting(port: number, master: ChildProcess): Promise<void> {
  while (master.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const accepted = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (accepted) return;
    await pause(10);
  }
  throw new Error('nginx ended before it listened');
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
