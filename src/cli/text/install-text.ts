import pc from 'picocolors';
import { type InstallReport, type InstallStatus } from '../../domain/programs/installs';
import { renderTable } from './table';

const COLOURS: Record<InstallStatus, (text: string) => string> = {
  waiting: pc.dim,
  installing: pc.yellow,
  validating: pc.yellow,
  switching: pc.yellow,
  installed: pc.green,
  unchanged: pc.green,
  failed: pc.red,
  cancelled: pc.red,
  skipped: pc.red,
};

export function renderInstalls(reports: readonly InstallReport[], fancy: boolean): string {
  const rows = reports.map(({ server, method, status, version, seconds, detail }) => [
    server,
    method,
    fancy ? COLOURS[status](status) : status,
    version ?? '-',
    seconds === undefined ? '-' : `${seconds.toFixed(1)} s`,
    firstLine(detail),
  ]);
  return renderTable(['Name', 'Method', 'Status', 'Version', 'Time', 'Detail'], rows, fancy);
}

/** Lists what went wrong and how to fix it, and whose scripts were not run. */
export function installRemarks(reports: readonly InstallReport[]): string[] {
  return reports.flatMap(({ server, error, blockedScripts, logFile, host }) => [
    ...(error ? [`${server}: [${error.code}] ${error.message}`, `  Try: ${error.fix}`] : []),
    ...(error && logFile ? [`  Log: ${logFile} on ${host ?? 'its host'}`] : []),
    ...(blockedScripts.length > 0 && !error
      ? [
          `${server}: install scripts of ${blockedScripts.join(', ')} were not run. If the server needs them: ` +
            `mainspring install ${server} ${blockedScripts.map((name) => `--allow-scripts ${name}`).join(' ')}`,
        ]
      : []),
  ]);
}

/** Returns the first line of a text, without the end that announces the output of a tool in the lines below. */
export function firstLine(text: string): string {
  const [first = '', ...more] = text.split('\n');
  return more.length > 0 ? first.replace(/; [^;]*:$/, '') : first;
}
