import { MainspringError } from '../base/errors';
import { didYouMean, nearMatches } from '../base/nearest-names';
import { readInventory } from '../inventory/inventory';
import { type ServerEntry } from '../inventory/config/config-schema';
import { extractSecrets } from '../inventory/merge/extracted-secrets';
import { readSecrets, removeSecret, writeSecret } from '../inventory/references/secrets-file';
import { checkServerName, nameProblem } from '../inventory/fields/server-name';
import { loadTemplates, type LoadedTemplate } from '../templates/load-templates';

export { type ServerEntry } from '../inventory/config/config-schema';
export { fillTemplate } from '../templates/fill-template';
export { type LoadedTemplate, loadTemplates } from '../templates/load-templates';
export { absentPath, checkPaths } from '../templates/absent-path';
export { checkParameter, type ParameterInput } from '../templates/parameter-value';
export { suggest, type Suggestion, type Suggestions } from '../templates/suggest';
export { type TemplateParameter } from '../templates/template-schema';

/**
 * Finds one template.
 *
 * @throws MainspringError UNKNOWN_TEMPLATE with similar names, or the error of the file with that name
 */
export async function findTemplate(home: string, name: string): Promise<LoadedTemplate> {
  const { templates, problems } = await loadTemplates(home);
  const found = templates.find((template) => template.name === name);
  if (found) return found;
  const broken = problems.find(({ message }) => message.includes(`/${name}.json:`));
  if (broken) throw new MainspringError(broken.code, broken.message, { fix: broken.fix });
  const near = nearMatches(
    name,
    templates.map((template) => template.name),
  );
  const message = `There is no template "${name}".${didYouMean(near)}`;
  throw new MainspringError('UNKNOWN_TEMPLATE', message);
}

/** Returns why a new server cannot have this name; undefined when it can. */
export async function newNameProblem(home: string, name: string): Promise<string | undefined> {
  const problem = nameProblem(name);
  if (problem !== undefined) return problem;
  const { servers } = await readInventory(home);
  return servers[name] ? `A server named "${name}" already exists.` : undefined;
}

/**
 * Saves the secrets of a server that is about to be added where its host finds them: all of them or none.
 *
 * @throws MainspringError INVALID_NAME, NAME_TAKEN (the secrets of that name belong to another server), INVALID_PARAMETER
 */
export async function saveSecrets(
  home: string,
  server: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  checkServerName(server);
  const { servers } = await readInventory(home);
  if (servers[server]) {
    throw new MainspringError('NAME_TAKEN', `A server named "${server}" already exists.`);
  }
  const names = Object.keys(secrets);
  try {
    for (const [name, value] of Object.entries(secrets)) await writeSecret(home, name, value);
  } catch (error) {
    await removeSecrets(home, names);
    throw error;
  }
}

/** Replaces the secrets in `env` and `headers` of an entry by references; returns the values that are not saved yet. */
export async function withoutSecrets(
  home: string,
  server: string,
  entry: ServerEntry,
): Promise<{ entry: ServerEntry; secrets: Record<string, string> }> {
  const taken = await readSecrets(home);
  const extraction = extractSecrets(server, entry, taken);
  const added = Object.entries(extraction.secrets).filter(([name]) => !Object.hasOwn(taken, name));
  return { entry: extraction.entry, secrets: Object.fromEntries(added) };
}

/** Removes secrets that `saveSecrets` wrote. */
export async function removeSecrets(home: string, names: readonly string[]): Promise<void> {
  for (const name of names) await removeSecret(home, name);
}
