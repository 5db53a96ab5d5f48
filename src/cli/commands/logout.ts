import { type LogoutResult } from '../../client/logins';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring logout linear')
    .argument('<name>', 'server')
    .action((name: string, options: GlobalOptions) =>
      run(options, ({ withClient, output }) =>
        withClient(async ({ logins }) => {
          output.spin(`Logging out of ${name} …`);
          const result = await logins.logout(name);
          output.answer(result, loggedOutText(result));
          return EXIT.ok;
        }),
      ),
    );

function loggedOutText({ server, wasLoggedIn, revoked }: LogoutResult): string {
  if (!wasLoggedIn) return `Nobody is logged in to ${server}.`;
  const tokens = revoked
    ? 'its tokens are revoked'
    : 'its tokens are forgotten here, and live until they expire';
  return `Logged out of ${server}: ${tokens}.`;
}
