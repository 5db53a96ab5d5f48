import { canonicalJson } from '../../base/canonical-json';
import { type Program } from '../../domain/programs/programs';
import { type ServerEntry } from '../config/config-schema';
import { type InstalledRecord } from '../inventory';
import { programOf } from './program-source';

export interface EntryWithProgram {
  entry: ServerEntry;
  baseDir: string;
  installed?: InstalledRecord | undefined;
  /** Consents of the command line, in addition to those of the entry. */
  allowScripts?: string[] | undefined;
}

/**
 * Returns the program of an entry, with its pin if the installed program still matches the entry. A later consent makes
 * the same version a different program.
 */
export function installedProgramOf(located: EntryWithProgram): Program | undefined {
  const { entry, baseDir, installed } = located;
  const named = programOf(entry, baseDir);
  if (!named) return undefined;
  const consents = new Set([...named.allowScripts, ...(located.allowScripts ?? [])]);
  const program = { ...named, allowScripts: [...consents].sort() };
  if (!installed || canonicalJson(installed.source) !== canonicalJson(program.source)) {
    return program;
  }
  return { ...program, pin: { ...installed.pin, allowScripts: program.allowScripts } };
}
