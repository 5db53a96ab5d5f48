import { type Command } from 'commander';
import { MainspringError } from '../base/errors';
import { didYouMean, nearMatches } from '../base/nearest-names';

/** Names that other tools use for our commands. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ls: 'list',
  ps: 'list',
  rm: 'remove',
  delete: 'remove',
  uninstall: 'remove',
  describe: 'status',
  inspect: 'status',
  show: 'status',
  get: 'status',
  run: 'call',
  serve: 'up',
  create: 'add',
  new: 'add',
  init: 'add',
  tail: 'logs',
  check: 'doctor',
  update: 'upgrade',
  kill: 'stop',
  shutdown: 'down',
  dashboard: 'ui',
  auth: 'login',
};

/** Returns wrong usage, with the commands that may have been meant. */
export function unknownCommand(name: string, program: Command): MainspringError {
  const names = program.commands.map((command) => command.name());
  const meant = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  const near = meant === undefined ? nearMatches(name, names) : [meant];
  return new MainspringError('WRONG_USAGE', `Unknown command "${name}".${didYouMean(near)}`, {
    fix: 'List all commands: mainspring --help.',
  });
}

/** Returns wrong usage of the program itself: an option before any command. */
export function unknownOption(flag: string, program: Command): MainspringError {
  const [name = ''] = flag.split('=');
  const near = nearMatches(
    name,
    program.options.flatMap(({ long }) => long ?? []),
  );
  const hint = didYouMean(near, 'brackets');
  return new MainspringError('WRONG_USAGE', `Unknown option '${name}'${hint}`);
}
