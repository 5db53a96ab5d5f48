import { type Program } from '../domain/programs';
import { type ServerEntry } from './config-schema';

/** The program that an entry names, when it is one that Mainspring installs; undefined when the command is left alone. */
export function programOf(entry: ServerEntry, baseDir: string): Program | undefined {
  void baseDir;
  if (entry.asIs) return undefined;
  return undefined;
}
