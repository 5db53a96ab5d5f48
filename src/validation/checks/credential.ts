import { type LiveConnection } from '../../mcp/session/live-connection';
import { isRefused, replyText } from '../request-once';
import { type Check } from '../check';
import { callDeclared, declaredCalls } from '../declared';
import { failed, type Finding, passed, reasonOf, skipped, warning } from '../finding';
import { type Trial } from '../trial';
import { withoutCredential } from '../without-credential';

/**
 * Without the credential that the spec names, the server must not start, or must refuse the
 * declared calls.
 */
export const credential: Check = {
  name: 'credential',
  extraMs: (spec) => declaredCalls(spec).length * spec.timeouts.callMs,
  async run(trial, signal) {
    const { validation, timeouts } = trial.spec;
    const name = validation?.credential;
    if (name === undefined) return skipped('none is declared ("validation.credential")');
    const spec = withoutCredential(trial.spec, name);
    if (!spec) return failed(`the server has no variable or header ${name}`);
    let connection: LiveConnection;
    try {
      connection = await trial.startAnother(spec, signal);
    } catch (error) {
      signal.throwIfAborted();
      return passed(`without ${name} it does not start: ${reasonOf(error)}`);
    }
    const finding = await refusesCalls(trial, connection, { name, signal });
    await connection.close(timeouts.stopMs);
    return finding;
  },
};

async function refusesCalls(
  { spec }: Trial,
  connection: LiveConnection,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<Finding> {
  const calls = declaredCalls(spec);
  const timeoutMs = spec.timeouts.callMs;
  let refusalText = '';
  for (const call of calls) {
    const reply = await callDeclared(connection, call, { signal, timeoutMs }).catch(reasonOf);
    if (typeof reply !== 'string' && !isRefused(reply)) {
      return failed(`without ${name} the call of ${call.tool} succeeds`);
    }
    refusalText = typeof reply === 'string' ? reply : replyText(reply);
  }
  if (calls.length > 0) return passed(`without ${name} calls are refused: ${refusalText}`);
  return warning(`it starts without ${name}, and no declared call shows whether it refuses calls`);
}
