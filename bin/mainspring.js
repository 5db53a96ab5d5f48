#!/usr/bin/env node
const { existsSync } = require('node:fs');
const path = require('node:path');

const main = path.join(__dirname, '..', 'dist', 'src', 'cli', 'main.js');
if (existsSync(main)) {
  require(main);
} else {
  const error = {
    code: 'NOT_BUILT',
    message: 'Mainspring has not been built.',
    fix: 'npm start, or npm ci && npm run build',
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify({ error }, null, 2));
  else console.error(`Error [${error.code}] ${error.message}\nTry: ${error.fix}`);
  process.exitCode = 1;
}
