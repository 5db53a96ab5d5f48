import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { type Json } from '../../base/json';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring meta files owner=ada')
    .argument('<name>', 'Name of the server')
    .argument('[key[=value]]', 'Key to show or set; the value is JSON or text')
    .action((name: string, pair: string | undefined, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async ({ servers }) => {
          const [key, value] = split(pair);
          const all =
            value === undefined || key === undefined
              ? (await servers.get(name)).meta
              : await servers.setMeta(name, key, value === '' ? undefined : parseValue(value));
          const shown = key !== undefined && value === undefined ? (all[key] ?? null) : all;
          output.answer(shown, JSON.stringify(shown, null, 2));
          return EXIT.ok;
        }),
      ),
    );

function split(pair: string | undefined): [string?, string?] {
  if (pair === undefined) return [];
  const at = pair.indexOf('=');
  return at < 0 ? [pair] : [pair.slice(0, at), pair.slice(at + 1)];
}

function parseValue(text: string): Json {
  try {
    return JSON.parse(text) as Json; // whatever JSON.parse returns is Json
  } catch {
    return text;
  }
}
