import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../src/base/package-root';
import { dynamicConfigFlags } from '../../src/temporal/dynamic-config';

test('every setting of the file becomes a flag with a JSON value', () => {
  const flags = dynamicConfigFlags();
  expect(flags).toContain('history.transferProcessorMaxPollRPS=5000');
  expect(flags).toContain('history.timerProcessorMaxTimeShift="10ms"');
  expect(flags).toContain('frontend.WorkerCommandsEnabled=true');
  expect(flags.join(' ')).toContain('frontend.httpAllowedHosts=["localhost",');

  const file = path.join(packageRoot(), 'temporal-config', 'dynamic-config.yaml');
  const settings = readFileSync(file, 'utf8').match(/^[a-z].*:$/gm) ?? [];
  expect(flags).toHaveLength(settings.length * 2);
});
