import { type ToolReview } from '../../client/servers/tool-review';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { type Output } from '../terminal/output';
import { createPrompts } from '../prompts/questions';
import { renderToolDiffs } from '../text/tool-diff-text';

interface ApproveOptions extends GlobalOptions {
  yes?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring approve github')
    .argument('<name>', 'Name of the server')
    .option('--yes', 'Approve without asking for confirmation')
    .action((name: string, { yes = false, ...options }: ApproveOptions) =>
      run(options, (context) => approveTools(context, name, yes)),
    );

async function approveTools(context: CommandContext, name: string, yes: boolean): Promise<number> {
  const { output, withClient, trace } = context;
  return withClient(async ({ servers, tools }) => {
    const review = await tools.review(name);
    const { changes, foundHash } = review;
    if (changes.length === 0) {
      output.answer(
        { ...review, approved: true },
        `The tools of ${name} have not changed. There is nothing to approve.`,
      );
      return EXIT.ok;
    }
    const canAsk = !output.json && process.stdin.isTTY && process.stdout.isTTY;
    if (!yes && !canAsk) return leaveIt(review, output);
    if (!output.json) output.progress(renderToolDiffs(changes));
    if (!yes) {
      const { confirm } = await createPrompts(context.interrupted);
      if (!(await confirm(`Approve these tools of ${name}?`, false))) {
        output.progress('No tools were approved.');
        return EXIT.failed;
      }
    }
    const { correlationId } = trace;
    // Exactly what was shown: later changes of the server stay blocked.
    await servers.order(name, { order: 'approve', toolsHash: foundHash }, { correlationId });
    output.answer({ ...review, approved: true, ...trace.end() }, `Approved the tools of ${name}.`);
    return EXIT.ok;
  });
}

function leaveIt(review: ToolReview, output: Output): number {
  output.answer({ ...review, approved: false }, renderToolDiffs(review.changes));
  output.progress(
    `No tools were approved. To approve these changes: mainspring approve ${review.server} --yes`,
  );
  return EXIT.failed;
}
