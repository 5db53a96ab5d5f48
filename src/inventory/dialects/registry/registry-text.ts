import { variableNameOf } from '../../references/references';
import {
  type RegistryArgument,
  type RegistryInput,
  type RegistryVariable,
} from './registry-schema';

/**
 * Returns the text for an input of a `server.json`: its fixed value, its default, or a reference to a variable with its
 * name. Undefined when the input is optional.
 */
export function textOf(input: RegistryInput, name: string): string | undefined {
  if (input.value !== undefined) return filledIn(input.value, input.variables);
  if (input.default !== undefined && !input.isSecret) return String(input.default);
  const variable = variableNameOf(name);
  if (input.isRequired) return `\${${variable}}`;
  return input.isSecret ? `\${${variable}:-}` : undefined;
}

/** Returns `env` or `headers` for a list of named inputs. */
export function textsOf(inputs: readonly RegistryVariable[] = []): Record<string, string> {
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const text = textOf(input, input.name);
      return text === undefined ? [] : [[input.name, text]];
    }),
  );
}

/** Returns the arguments of a command line. */
export function argumentsOf(inputs: readonly RegistryArgument[] = []): string[] {
  return inputs.flatMap((input) => {
    const { name, valueHint } = input;
    const hint = valueHint ?? name ?? 'value';
    const isFlag = input.value === undefined && input.default === undefined && !valueHint;
    if (input.type === 'named' && name !== undefined && isFlag && !input.isSecret) {
      return input.isRequired ? [name] : [];
    }
    const text = textOf(input, hint);
    if (text === undefined) return [];
    if (input.type === 'named' && name !== undefined && input.format === 'boolean') {
      return text === 'true' ? [name] : [];
    }
    return input.type === 'named' && name !== undefined ? [name, text] : [text];
  });
}

/** Fills the `{variable}`s of a text; braces without a variable are not changed. */
export function filledIn(text: string, variables: RegistryInput['variables'] = {}): string {
  return text.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return variable === undefined
      ? whole
      : (textOf(variable, name) ?? `\${${variableNameOf(name)}:-}`);
  });
}
