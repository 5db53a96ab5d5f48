import { type Check } from '../check';
import { findingOf, passed, type Problem, skipped, warning } from '../finding';

export const start: Check = {
  name: 'start',
  async run(trial, signal) {
    const startedAt = performance.now();
    await trial.connection(signal);
    const tookMs = Math.round(performance.now() - startedAt);
    const { startMs } = trial.spec.timeouts;
    return passed(`ready after ${tookMs} ms (timeout: ${startMs} ms)`);
  },
};

export const handshake: Check = {
  name: 'handshake',
  async run(trial, signal) {
    const { serverInfo, protocolVersion, capabilities } = await trial.connection(signal);
    Object.assign(trial.measurements, { serverInfo, protocolVersion });
    const problems: Problem[] = [];
    if (!/^\d{4}-\d{2}-\d{2}$/.test(protocolVersion)) {
      const text = `the protocol version ${JSON.stringify(protocolVersion)} is not a date`;
      problems.push({ status: 'failed', text });
    }
    if (!serverInfo.name || serverInfo.name === 'unknown' || !serverInfo.version) {
      problems.push({ status: 'warning', text: 'does not report its name and version' });
    }
    const able = Object.keys(capabilities).join(', ') || 'none';
    const { name, version } = serverInfo;
    return findingOf(problems, `${name} ${version}, MCP ${protocolVersion}; capabilities: ${able}`);
  },
};

/** Any output on stdout that is not a message breaks clients that are stricter than ours. */
export const stdout: Check = {
  name: 'stdout',
  async run(trial) {
    if (trial.spec.type !== 'stdio') return skipped('does not use stdout');
    const [first] = trial.junk;
    if (first === undefined) return passed('only messages');
    return warning(`prints other output than messages, such as: ${first}`);
  },
};
