import { MainspringError } from '../../base/errors';
import { nearMatches } from '../../base/nearest-names';
import { type RunCommand } from '../../domain/programs/programs';

const ANSWER = /\$\{user_config\.([^}]+)\}/g;
/** Separator of several values that become one text. */
const SEPARATOR = ',';

type Answer = string | string[];

/**
 * Fills the values of the user into the command, and the defaults of the bundle where there are none. Several values of
 * one setting become several arguments; a variable that would be empty without a value is left out.
 *
 * @throws MainspringError INVALID_CONFIG for a missing or unknown value
 */
export function fillUserConfig(run: RunCommand, given: Record<string, Answer>): RunCommand {
  const { command, args, env, questions = {} } = run;
  const asked = Object.keys(questions);
  const answers = new Map<string, Answer>();
  for (const key of Object.keys(given)) {
    if (!asked.includes(key)) throw unknownAnswer(key, asked);
  }
  for (const [key, { title, required, default: byDefault }] of Object.entries(questions)) {
    const answer = given[key] ?? byDefault;
    if (!isEmpty(answer)) answers.set(key, answer);
    else if (required) throw missing(key, title);
  }
  const fill = (text: string) =>
    text.replace(ANSWER, (_, key: string) => [answers.get(key) ?? ''].flat().join(SEPARATOR));
  const variables = Object.entries(env).map(([name, value]) => [name, value, fill(value)] as const);
  return {
    command: fill(command),
    args: args.flatMap((arg) => {
      const [whole, key] = /^\$\{user_config\.([^}]+)\}$/.exec(arg) ?? [];
      return whole === undefined ? [fill(arg)] : (answers.get(key ?? '') ?? []);
    }),
    env: Object.fromEntries(
      variables
        .filter(([, written, filled]) => filled !== '' || written === '')
        .map(([name, , filled]) => [name, filled]),
    ),
  };
}

function isEmpty(answer: Answer | undefined): answer is undefined {
  return answer === undefined || answer.length === 0;
}

function missing(key: string, title: string): MainspringError {
  return new MainspringError('INVALID_CONFIG', `"userConfig.${key}" is missing: ${title}`, {
    fix: `Set it in the config: "userConfig": { "${key}": "…" }.`,
  });
}

function unknownAnswer(key: string, asked: string[]): MainspringError {
  const [near] = nearMatches(key, asked);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const questions = asked.length === 0 ? 'nothing' : asked.join(', ');
  return new MainspringError(
    'INVALID_CONFIG',
    `"userConfig.${key}" is unknown; the bundle expects: ${questions}${hint}`,
  );
}
