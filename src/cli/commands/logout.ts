import { type LogoutResult } from '../../client/logins';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring logout linear')
    .argument('<name>', 'Name of the server')
    .action((name: string, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async ({ logins }) => {
          output.spin(`Logging out of ${name}…`);
          const result = await logins.logout(name);
          output.answer(result, loggedOutText(result));
          return EXIT.ok;
        }),
      ),
    );

function loggedOutText({ server, wasLoggedIn, revoked }: LogoutResult): string {
  if (!wasLoggedIn) return `Not logged in to ${server}.`;
  const tokens = revoked
    ? 'Its tokens were revoked'
    : 'Its tokens were deleted from this machine, but stay valid until they expire';
  return `Logged out of ${server}. ${tokens}.`;
}
