// Files that nothing imports, held to what they describe.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig, SETTING_LIST } from '../../../src/config.ts';
import { ERROR_CODES } from '../../../src/errors.ts';
import { grpcStatusOf, httpStatusOf } from '../../../src/contract/status.ts';

function textOf(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

interface ComposeService {
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly build?: { readonly dockerfile: string };
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(textOf('deploy/compose.yaml')) as Compose;

describe('deploy/.env.example', () => {
  const entries = [...textOf('deploy/.env.example').matchAll(/^# (NIGHTJAR_\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]);

  it('lists every setting with its default, in the order of the schema', () => {
    expect(entries).toEqual(SETTING_LIST.map((setting) => [setting.key, setting.default]));
  });

  it('says of every setting what it is and what is allowed', () => {
    for (const { description, allowed } of SETTING_LIST) {
      expect(textOf('deploy/.env.example')).toContain(description);
      expect(textOf('deploy/.env.example')).toContain(allowed);
    }
  });
});

describe('deploy/compose.yaml', () => {
  it('has the service with Redis, Tile38 and Prometheus', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['nightjar', 'prometheus', 'redis', 'tile38']);
  });

  it('gives the service settings that it takes', () => {
    const { environment = {} } = compose.services['nightjar'];
    expect(readConfig({}, environment)).toMatchObject({ store: 'redis', redisUrl: 'redis://redis:6379', tile38Url: 'redis://tile38:9851' });
  });

  it('names only services and volumes that it has', () => {
    for (const service of Object.values(compose.services)) {
      for (const name of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(name);
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(':');
        if (!source.startsWith('.')) expect(compose.volumes).toHaveProperty(source);
      }
    }
  });

  it('waits longer for a stop than the service takes at most', () => {
    const { shutdownTimeoutMs } = readConfig({}, {});
    expect(parseInt(compose.services['nightjar'].stop_grace_period ?? '', 10) * 1000).toBeGreaterThan(shutdownTimeoutMs);
  });

  it('is scraped where the service is', () => {
    const prometheus = parse(textOf('deploy/prometheus.yml')) as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
    expect(prometheus.scrape_configs[0].static_configs[0].targets).toEqual([`nightjar:${readConfig({}, {}).httpPort}`]);
  });
});

describe('deploy/Dockerfile', () => {
  const lines = textOf('deploy/Dockerfile').split('\n');

  it('ends as another user than root, with a health check', () => {
    expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER node');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('copies only what is in the repository, and what the service needs', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    for (const path of copied) expect(existsSync(new URL(`../../../${path}`, import.meta.url)), path).toBe(true);
    expect(copied).toEqual(expect.arrayContaining(['src', 'ingest', 'query', 'package.json']));
  });
});

describe('docs/errors.md', () => {
  const rows = [...textOf('docs/errors.md').matchAll(/^\| `(\w+)` +\| (\d+) +\| (\d+) +\|/gm)].map(([, code, http, grpc]) => [
    code,
    Number(http),
    Number(grpc),
  ]);

  it('has every error code with its HTTP and gRPC status, and no other', () => {
    expect(rows).toEqual(ERROR_CODES.map((code) => [code, httpStatusOf(code), grpcStatusOf(code)]));
  });
});

describe('docs/operations.md', () => {
  it('has every setting with its default', () => {
    const rows = [...textOf('docs/operations.md').matchAll(/^\| `(NIGHTJAR_\w+)` +\| ([^|]*)\|/gm)].map(([, key, preset]) => [
      key,
      preset.trim().replaceAll('`', ''),
    ]);
    expect(rows).toEqual(SETTING_LIST.map((setting) => [setting.key, setting.default]));
  });
});
