import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export interface ApiOptions extends GlobalOptions {
  port?: string;
  listen?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring api --port 7421')
    .option('--port <port>', 'MAINSPRING_PORT; 0 picks a free port')
    .option('--listen <address>', 'MAINSPRING_LISTEN; default 127.0.0.1')
    .action((options: ApiOptions) =>
      run(
        options,
        async ({ settings, output, interrupted }) => {
          const loaded = settings({ apiPort: options.port, apiHost: options.listen });
          const { locateTemporal } = await import('../../offline/locate-temporal.js');
          const temporal = await locateTemporal(loaded.home);
          const { runApi } = await import('../../roles/api.js');
          const { url } = await runApi(loaded, temporal, interrupted);
          output.answer({ stopped: process.pid, url }, `The endpoint ${url}/mcp has stopped.`);
          return EXIT.ok;
        },
        { handlesInterrupt: true },
      ),
    );
