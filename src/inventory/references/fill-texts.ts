import { readFile as readFileOfHost } from 'node:fs/promises';
import { MainspringError } from '../../base/errors';
import { JudgedValues } from './judged-values';
import { REFERENCE } from './references';
import { setVariablesFix } from './unset-variable';
import { type Variables } from './variables';

export interface FilledTexts<Field extends string> {
  texts: Record<Field, string>;
  /** Values from variables and files that are masked: see `judgeSecret`. */
  secrets: string[];
}

/**
 * Resolves the references of texts that belong to no server.
 *
 * @param owner - owner of the texts, for errors
 * @throws MainspringError VARIABLE_UNSET, FILE_NOT_FOUND; no value is shown
 */
export async function fillTexts<Field extends string>(
  owner: string,
  texts: Readonly<Record<Field, string>>,
  variables: Readonly<Variables>,
  readFile = (file: string) => readFileOfHost(file, 'utf8'),
): Promise<FilledTexts<Field>> {
  const values = new JudgedValues();
  const fill = async (text: string, field: string) => {
    let filled = '';
    let at = 0;
    for (const match of text.matchAll(REFERENCE)) {
      const [whole, file, _input, name = '', fallback] = match;
      const value =
        file === undefined ? variables[name] : await contentOf(owner, field, file, readFile);
      if (value) values.add(value, { reference: whole, field, isMarked: false });
      const resolved = value || fallback;
      if (resolved === undefined) throw unset(owner, field, whole, name);
      filled += text.slice(at, match.index) + resolved;
      at = match.index + whole.length;
    }
    return filled + text.slice(at);
  };
  const filled: Record<string, string> = {};
  for (const [field, text] of Object.entries<string>(texts))
    filled[field] = await fill(text, field);
  return { texts: filled, secrets: values.secrets };
}

async function contentOf(
  owner: string,
  field: string,
  file: string,
  readFile: (file: string) => Promise<string>,
): Promise<string> {
  try {
    return (await readFile(file)).replace(/\r?\n$/, '');
  } catch (cause) {
    const message = `${owner} refers to ${file} in ${field}, which cannot be read.`;
    throw new MainspringError('FILE_NOT_FOUND', message, { cause });
  }
}

function unset(owner: string, field: string, reference: string, name: string): MainspringError {
  return new MainspringError('VARIABLE_UNSET', `${owner} needs ${reference} in ${field}.`, {
    fix: setVariablesFix([name], 'secrets.env in the data directory'),
  });
}
