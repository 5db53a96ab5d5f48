import { writeFile } from 'node:fs/promises';
import { PAGE, renderPage } from './page';
import { compareConformance, lostOf } from './run';

async function main(): Promise<number> {
  const comparisons = await compareConformance((line) => console.error(line));
  for (const { revision, direct, through } of comparisons) {
    for (const [way, { name, failures }] of Object.entries({ direct, through })) {
      for (const failure of failures) console.log(`${revision} ${way} ${name}: ${failure}`);
    }
  }
  await writeFile(PAGE, renderPage(comparisons));
  const lost = lostOf(comparisons);
  console.log(`${PAGE} is written.`);
  console.log(`${lost.length} checks fail through Mainspring of scenarios that pass directly.`);
  return lost.length === 0 ? 0 : 1;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
