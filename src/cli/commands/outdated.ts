import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { firstLine } from '../text/install-text';
import { renderTable } from '../text/table';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring outdated')
    .argument('[names...]', 'Names of the servers (default: all with an installed program)')
    .action((names: string[], options: GlobalOptions) =>
      run(options, async ({ withClient, output }) => {
        output.spin('Checking the registries…');
        const versions = await withClient(({ installs }) =>
          installs.outdated(names.length > 0 ? names : undefined),
        );
        const rows = versions.map(
          ({ server, program, installed, latest, outdated: isOld, error }) => [
            server,
            program,
            installed ?? '-',
            latest ?? '?',
            error !== undefined ? firstLine(error) : isOld ? `mainspring upgrade ${server}` : '',
          ],
        );
        const table = renderTable(
          ['Name', 'Program', 'Installed', 'Latest', ''],
          rows,
          output.fancy,
        );
        output.answer(versions, rows.length > 0 ? table : 'No server has an installable program.');
        return versions.some(({ error }) => error !== undefined) ? EXIT.failed : EXIT.ok;
      }),
    );
