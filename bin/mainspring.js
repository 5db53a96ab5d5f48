#!/usr/bin/env node
const { existsSync } = require('node:fs');
const path = require('node:path');

const main = path.join(__dirname, '..', 'dist', 'src', 'cli', 'main.js');
if (existsSync(main)) {
  require(main);
} else {
  console.error('Error [NOT_BUILT] Mainspring is not built yet.\nTry: npm start (or npm ci && npm run build)');
  process.exitCode = 1;
}
