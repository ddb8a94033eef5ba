import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, child } from './child'

const program = '/usr/sbin/nginx'

/** Starts nginx with one worker and no buffering, as streams need it. @throws {Error} when it is not installed */
export async function nginx(port: number, upstreamPort: number): Promise<Child> {
  if (!existsSync(program)) throw new Error(`nginx: ${program} is missing; apt-get install nginx-light`)
  const folder = mkdtempSync(join(tmpdir(), 'spark-control-bench-'))
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, port, upstreamPort))
  return child([program, '-p', folder, '-c', file], `http://127.0.0.1:${port}/health`, { scratch: folder })
}

/** What `nginx -v` says, or null. */
export function nginxVersion(): string | null {
  if (!existsSync(program)) return null
  return Bun.spawnSync([program, '-v']).stderr.toString().trim().replace('nginx version: ', '')
}

function configuration(folder: string, port: number, upstreamPort: number): string {
  const spare = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 0;
  ${spare.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  upstream up { server 127.0.0.1:${upstreamPort}; keepalive 128; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://up;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 300s;
    }
  }
}
`
}
