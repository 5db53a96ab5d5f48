import { type ValidationOptions } from '../../client/validation';
import { type TestReport, type ValidationReport } from '../../domain/servers/validation';
import { type CommandContext } from '../command';
import { progressText } from '../text/validation-text';

/** Validates, and tells a person meanwhile what is going on. Ctrl-C cancels it. */
export async function runValidation(
  { withClient, output, interrupted }: CommandContext,
  names: string[] | undefined,
  options: Pick<ValidationOptions, 'parallel' | 'quick'>,
): Promise<ValidationReport[]> {
  return withClient(({ validation }) =>
    validation.run(names, {
      ...options,
      signal: interrupted,
      onProgress: (progress) => {
        if (progress.report) output.progress(progressText(progress));
        else output.spin(progressText(progress));
      },
    }),
  );
}

/** `test_report.json`: a contract. */
export function testReport(reports: readonly ValidationReport[]): TestReport {
  return {
    finishedAt: new Date().toISOString(),
    passed: reports.every(({ passed }) => passed),
    servers: [...reports],
  };
}
