import { requestOnce, isRefused, type Reply, replyText } from '../request-once';
import { badArguments } from '../bad-arguments';
import { type Check } from '../check';
import { declaredTool } from '../declared';
import { failed, type Finding, passed, skipped, warning } from '../finding';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

const UNKNOWN_METHOD = 'mainspring/no-such-method';
const UNKNOWN_TOOL = 'mainspring_no_such_tool';

export const unknownMethod: Check = {
  name: 'unknown-method',
  async run(trial, signal) {
    const reply = await requestOnce(await trial.connection(signal), UNKNOWN_METHOD, {}, { signal });
    if (reply.kind === 'result') return failed('returned a result instead of an error');
    if (reply.code === RPC.methodNotFound) return passed(replyText(reply));
    return warning(`${replyText(reply)}; JSON-RPC requires ${RPC.methodNotFound}`);
  },
};

export const unknownTool: Check = {
  name: 'unknown-tool',
  async run(trial, signal) {
    if (trial.tools === undefined) return skipped('tools unknown');
    if (trial.tools.some(({ name }) => name === UNKNOWN_TOOL))
      return skipped('the server has this tool');
    const params = { name: UNKNOWN_TOOL, arguments: {} };
    return refusal(
      await requestOnce(await trial.connection(signal), 'tools/call', params, { signal }),
    );
  },
};

/**
 * Uses a tool that is declared safe, or else a call without a tool name, so that no tool can run.
 */
export const badCall: Check = {
  name: 'bad-arguments',
  async run(trial, signal) {
    if (trial.tools === undefined) return skipped('tools unknown');
    const tool = declaredTool(trial.spec, trial.tools);
    const args = tool && badArguments(tool);
    const params: JsonObject =
      tool && args ? { name: tool.name, arguments: args } : { arguments: {} };
    return refusal(
      await requestOnce(await trial.connection(signal), 'tools/call', params, { signal }),
    );
  },
};

function refusal(reply: Reply): Finding {
  return isRefused(reply) ? passed(replyText(reply)) : failed('accepted instead of refused');
}
