import { type Define, withExample } from '../command';
import { unknownCommand } from '../unknown-command';

export const define: Define = (command, _run) =>
  withExample(command, 'mainspring help call')
    .argument('[command]', 'Name of the command (default: all)')
    .action(async (name: string | undefined) => {
      const program = command.parent ?? command;
      if (name === undefined) return program.outputHelp();
      if (name === command.name()) return command.outputHelp();
      if (!program.commands.some((other) => other.name() === name)) {
        throw unknownCommand(name, program);
      }
      await program.parseAsync([name, '--help'], { from: 'user' });
    });
