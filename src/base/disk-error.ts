import { codeOf } from './durable-file';

/** Errors of this machine, as opposed to errors of the installed program. */
const CODES = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'];

export function isDiskError(error: unknown): boolean {
  return CODES.includes(String(codeOf(error)));
}

export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL'].includes(String(codeOf(error)));
}
