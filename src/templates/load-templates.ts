import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type ErrorReport, MainspringError } from '../base/errors';
import { hasCode } from '../base/durable-file';
import { packageRoot } from '../base/package-root';
import { readDocument } from './read-document';
import { type Template, templateSchema } from './template-schema';

export interface LoadedTemplate extends Template {
  /** A `user` template is a file in the data directory; it takes precedence over a built-in one of the same name. */
  origin: 'built-in' | 'user';
  file: string;
}

export interface LoadedTemplates {
  /** Sorted by name. */
  templates: LoadedTemplate[];
  /** Files that are invalid; the others are loaded. */
  problems: ErrorReport[];
}

/** Loads the built-in templates and those of the user in `<home>/templates`. */
export async function loadTemplates(home: string): Promise<LoadedTemplates> {
  const [builtIn, user] = await Promise.all([
    loadFolder(path.join(packageRoot(), 'templates'), 'built-in'),
    loadFolder(path.join(home, 'templates'), 'user'),
  ]);
  const byName = new Map<string, LoadedTemplate>();
  const problems: ErrorReport[] = [...builtIn.problems, ...user.problems];
  for (const template of [...builtIn.templates, ...user.templates]) {
    const before = byName.get(template.name);
    if (before && before.origin === template.origin)
      problems.push(duplicateTemplate(template, before));
    else byName.set(template.name, template);
  }
  const templates = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { templates, problems };
}

async function loadFolder(
  folder: string,
  origin: LoadedTemplate['origin'],
): Promise<LoadedTemplates> {
  const names = (await listFolder(folder)).filter((name) => name.endsWith('.json')).sort();
  const loaded = await Promise.all(names.map((name) => loadFile(path.join(folder, name), origin)));
  return {
    templates: loaded.flatMap((one) => ('name' in one ? [one] : [])),
    problems: loaded.flatMap((one) => ('name' in one ? [] : [one])),
  };
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []; // the user has no templates
    throw error;
  }
}

async function loadFile(
  file: string,
  origin: LoadedTemplate['origin'],
): Promise<LoadedTemplate | ErrorReport> {
  try {
    return { ...(await readDocument(file, templateSchema)), origin, file };
  } catch (error) {
    if (error instanceof MainspringError) return error.report();
    throw error;
  }
}

function duplicateTemplate({ name, file }: LoadedTemplate, before: LoadedTemplate): ErrorReport {
  const message = `${file}: name: the template "${name}" already exists in ${before.file}`;
  return new MainspringError('INVALID_CONFIG', message).report();
}
