import {
  type InstallInput,
  type InstallReport,
  programOfSpec,
} from '../src/domain/programs/installs';
import { programText } from '../src/domain/programs/programs';

export function firstReport({ name, signed, wish }: InstallInput): InstallReport {
  const program = programOfSpec(signed);
  return {
    server: name,
    method: wish.method,
    status: 'waiting',
    detail: program ? programText(program) : 'waiting for its turn',
    blockedScripts: [],
  };
}

/** Renders the Markdown that the Temporal UI shows above the history. */
export function installDetailsOf(report: InstallReport): string {
  const { server, method, status, detail, version, integrity, logFile, host } = report;
  const lines = [`**${server}** (${method}): **${status}**, ${detail}`];
  if (version) lines.push(`- version ${version}${integrity ? `, ${integrity}` : ''}`);
  if (logFile) lines.push(`- log ${logFile}${host ? ` on ${host}` : ''}`);
  if (report.error) lines.push(`- try: ${report.error.fix}`);
  return lines.join('\n');
}
