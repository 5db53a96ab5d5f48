import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Alert } from '../../src/domain/alerts/alerts';
import { MAX_LOG_FILE_BYTES } from '../../src/process/log-file';

/** Appends an alert to `logs/alerts.log` as a line of JSON; a full file is rotated to `alerts.log.1`. */
export async function appendAlertLog(
  home: string,
  receiver: string,
  alert: Alert,
): Promise<string> {
  const file = path.join(home, 'logs', 'alerts.log');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_LOG_FILE_BYTES) await rename(file, `${file}.1`);
  const line = JSON.stringify({ time: new Date(alert.atMs).toISOString(), receiver, ...alert });
  await appendFile(file, `${line}\n`, { mode: 0o600 });
  return file;
}
