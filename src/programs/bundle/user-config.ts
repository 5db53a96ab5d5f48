import { MainspringError } from '../../base/errors';
import { didYouMean, nearMatches } from '../../base/nearest-names';
import { type RunCommand } from '../../domain/programs/programs';

const SETTING_REFERENCE = /\$\{user_config\.([^}]+)\}/g;
/** Separator of several values that become one text. */
const SEPARATOR = ',';

type SettingValue = string | string[];

/**
 * Fills the values of the user into the command, and the defaults of the bundle where there are none. Several values of
 * one setting become several arguments; a variable that would be empty without a value is left out.
 *
 * @throws MainspringError INVALID_CONFIG for a missing or unknown value
 */
export function fillUserConfig(run: RunCommand, given: Record<string, SettingValue>): RunCommand {
  const { command, args, env, questions = {} } = run;
  const keys = Object.keys(questions);
  const values = new Map<string, SettingValue>();
  for (const key of Object.keys(given)) {
    if (!keys.includes(key)) throw unknownSetting(key, keys);
  }
  for (const [key, { title, required, default: defaultValue }] of Object.entries(questions)) {
    const value = given[key] ?? defaultValue;
    if (!isEmpty(value)) values.set(key, value);
    else if (required) throw missingSetting(key, title);
  }
  const fill = (text: string) =>
    text.replace(SETTING_REFERENCE, (_, key: string) =>
      [values.get(key) ?? ''].flat().join(SEPARATOR),
    );
  const variables = Object.entries(env).map(([name, text]) => [name, text, fill(text)] as const);
  return {
    command: fill(command),
    args: args.flatMap((arg) => {
      const [whole, key] = /^\$\{user_config\.([^}]+)\}$/.exec(arg) ?? [];
      return whole === undefined ? [fill(arg)] : (values.get(key ?? '') ?? []);
    }),
    env: Object.fromEntries(
      variables
        .filter(([, written, filled]) => filled !== '' || written === '')
        .map(([name, , filled]) => [name, filled]),
    ),
  };
}

function isEmpty(value: SettingValue | undefined): value is undefined {
  return value === undefined || value.length === 0;
}

function missingSetting(key: string, title: string): MainspringError {
  return new MainspringError('INVALID_CONFIG', `"userConfig.${key}" is missing: ${title}`, {
    fix: `Set it in the config: "userConfig": { "${key}": "…" }.`,
  });
}

function unknownSetting(key: string, keys: string[]): MainspringError {
  const hint = didYouMean(nearMatches(key, keys), 'clause');
  const questions = keys.length === 0 ? 'nothing' : keys.join(', ');
  return new MainspringError(
    'INVALID_CONFIG',
    `"userConfig.${key}" is unknown; the bundle expects: ${questions}${hint}`,
  );
}
