import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export interface ApiOptions extends GlobalOptions {
  port?: string;
  listen?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring api --port 7421')
    .option(
      '--port <port>',
      'Port to listen on; 0 picks a free port (default: 7420, env: MAINSPRING_PORT)',
    )
    .option(
      '--listen <address>',
      'Address to listen on (default: 127.0.0.1, env: MAINSPRING_LISTEN)',
    )
    .action((options: ApiOptions) =>
      run(
        options,
        async ({ settings, output, interrupted }) => {
          const loaded = settings({ apiPort: options.port, apiHost: options.listen });
          const { locateTemporal } = await import('../../offline/locate-temporal.js');
          const temporal = locateTemporal(loaded.home);
          const { runRoles } = await import('../../roles/run-roles.js');
          const { api: url } = await runRoles(['api'], {
            settings: loaded,
            temporal,
            requested: interrupted,
          });
          output.answer({ stopped: process.pid, url }, `Stopped serving ${url}/mcp.`);
          return EXIT.ok;
        },
        { handlesInterrupt: true },
      ),
    );
