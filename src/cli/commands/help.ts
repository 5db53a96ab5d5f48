import { type Command } from 'commander';
import { defineCommand, type Run } from '../command';
import { unknownCommand } from '../unknown-command';

export const help = (_run: Run): Command => {
  const command = defineCommand('help', 'Show help for a command', 'mainspring help call')
    .argument('[command]', 'Name of the command')
    .action((name: string | undefined) => {
      const program = command.parent ?? command;
      if (name === undefined) return program.outputHelp();
      const found = program.commands.find((other) => other.name() === name);
      if (!found) throw unknownCommand(name, program);
      found.outputHelp();
    });
  return command;
};
