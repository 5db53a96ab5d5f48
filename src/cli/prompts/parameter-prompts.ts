import {
  absentPath,
  checkParameter,
  type LoadedTemplate,
  type TemplateParameter,
} from '../../offline/templates';
import { type Prompts } from './questions';

export type Answers = Record<string, string>;

/** Asks for the parameters of a template: the required ones, then the others if the user wants to see them. */
export async function promptParameters(
  ask: Prompts,
  { parameters, requiresOneOf }: LoadedTemplate,
  before: Answers,
): Promise<Answers> {
  const required = new Set(parameters.filter((one) => one.required).map(({ name }) => name));
  for (const group of requiresOneOf) {
    const choices = group.map((name) => ({ name, value: name }));
    required.add(await ask.select('Which of these do you have?', choices));
  }
  const answers: Answers = {};
  for (const parameter of parameters.filter(({ name }) => required.has(name))) {
    answers[parameter.name] = await promptParameter(ask, parameter, before[parameter.name], true);
  }
  const optional = parameters.filter(({ name }) => !required.has(name));
  if (optional.length === 0) return answers;
  const names = optional.map(({ name }) => name).join(', ');
  const isWanted = optional.some(({ name }) => before[name] !== undefined);
  if (!(await ask.confirm(`Set optional parameters (${names})?`, isWanted))) return answers;
  for (const parameter of optional) {
    const answer = await promptParameter(ask, parameter, before[parameter.name], false);
    if (answer !== '') answers[parameter.name] = answer;
  }
  return answers;
}

/** Asks for one parameter; the result is empty when an optional one was left out. */
async function promptParameter(
  ask: Prompts,
  parameter: TemplateParameter,
  before: string | undefined,
  isRequired: boolean,
): Promise<string> {
  const { name, type, help, secret, options, example } = parameter;
  const preset = before ?? presetOf(parameter);
  if (type === 'boolean') return String(await ask.confirm(`${name}: ${help}`, preset === 'true'));
  if (type === 'enum' && options) {
    const choices = options.map((option) => ({ name: option, value: option }));
    const none = { name: '(not set)', value: '' };
    return ask.select(`${name}: ${help}`, isRequired ? choices : [none, ...choices], preset);
  }
  const problem = (answer: string) => {
    if (answer === '' && (!isRequired || (secret && before !== undefined))) return undefined;
    const checked = checkParameter(parameter, answer, process.cwd());
    const found = 'problem' in checked ? checked.problem : absentPath(parameter, checked.texts);
    return found === undefined ? undefined : capitalised(found);
  };
  if (secret) {
    const kept = before === undefined ? '' : ' (leave empty to keep the current value)';
    const answer = await ask.secret(`${name}: ${help}${kept}`, { problem });
    return answer === '' ? (before ?? '') : answer;
  }
  const such = example === undefined || preset !== undefined ? '' : ` (for example, ${example})`;
  const listed = type === 'list' ? ' Separate multiple values with commas.' : '';
  return ask.text(`${name}: ${help}${listed}${such}`, { preset, problem });
}

function presetOf(parameter: TemplateParameter): string | undefined {
  return parameter.default === undefined ? undefined : String(parameter.default);
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
