import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { runValidation, testReport } from '../actions/run-validation';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderJunit } from '../text/junit';
import { atLeastOne } from '../options/parse';
import { TEST_REPORT, writeReport } from '../options/report-file';
import { renderValidation } from '../text/validation-text';

export interface ValidateOptions extends GlobalOptions {
  all?: boolean;
  /** Runs only the checks that take a moment, and writes no report file. */
  quick?: boolean;
  parallel?: number;
  report?: string;
  junit?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring validate everything --junit junit.xml')
    .argument('[name]', 'Name of the server')
    .option('--all', 'Validate all enabled servers')
    .option(
      '--parallel <n>',
      'Maximum number of servers to validate in parallel (default: 2)',
      atLeastOne,
    )
    .option(
      '--report <file>',
      'Report file (default: reports/test_report.json in the data directory)',
    )
    .option('--junit <file>', 'Also write a JUnit XML report')
    .action((name: string | undefined, options: ValidateOptions) =>
      run(options, (context) => validateServers(context, name, options), {
        handlesInterrupt: true,
      }),
    );

/** Validates one server, or all, and prints the report. */
export async function validateServers(
  context: CommandContext,
  name: string | undefined,
  options: ValidateOptions,
): Promise<number> {
  if ((name === undefined) === !options.all) {
    const command = options.quick ? 'test' : 'validate';
    throw new MainspringError('WRONG_USAGE', 'Expected a server name or --all.', {
      fix: `mainspring ${command} <name>, or mainspring ${command} --all.`,
    });
  }
  const names = name === undefined ? undefined : [name];
  const { parallel, quick } = options;
  const reports = await runValidation(context, names, { parallel, quick });
  const { output, settings } = context;
  const document = testReport(reports);
  if (quick) {
    output.answer(document, renderValidation(reports, output.fancy));
    return document.passed ? EXIT.ok : EXIT.failed;
  }
  const reportFile = await writeReport(settings().home, TEST_REPORT, options.report, document);
  const files = [`Report: ${reportFile}`];
  if (options.junit) files.push(`JUnit: ${await writeText(options.junit, renderJunit(reports))}`);
  const text = [renderValidation(reports, output.fancy), ...files].join('\n');
  output.answer({ ...document, reportFile }, text);
  return document.passed ? EXIT.ok : EXIT.failed;
}

async function writeText(wanted: string, text: string): Promise<string> {
  const file = path.resolve(wanted);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}
