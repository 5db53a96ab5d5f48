import { Option } from 'commander';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

interface StdioOptions extends GlobalOptions {
  profile?: string;
  server?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring stdio --profile coding')
    .option('--profile <name>', 'Serve only what this profile exposes')
    .addOption(
      new Option('--server <name>', 'Serve only this server, with its original names').conflicts(
        'profile',
      ),
    )
    .action(({ profile, server, ...options }: StdioOptions) =>
      run(
        options,
        async ({ settings, interrupted }) => {
          const { runStdio } = await import('../../roles/stdio.js');
          const scope = { ...(profile && { profile }), ...(server && { server }) };
          await runStdio(settings(), scope, interrupted);
          return EXIT.ok; // stdout belongs to the protocol: the result is not printed
        },
        { handlesInterrupt: true },
      ),
    );
