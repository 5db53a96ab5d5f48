import { type Command } from 'commander';
import { MainspringError } from '../domain/errors';
import { nearMatches } from '../domain/near-matches';

/** Wrong usage, with the commands that may have been meant. */
export function unknownCommand(name: string, program: Command): MainspringError {
  const near = nearMatches(
    name,
    program.commands.map((command) => command.name()),
  );
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return new MainspringError('WRONG_USAGE', `There is no command "${name}".${hint}`, {
    fix: 'See the commands there are: mainspring --help.',
  });
}
