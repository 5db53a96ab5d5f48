// Writes the published JSON Schema of mainspring.json; a test compares it with the code.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
require('../test/load-typescript');
const { format, resolveConfig } = require('prettier');
const { configJsonSchema } = require('../src/inventory/config/json-schema');

const file = path.join(__dirname, '../schema/mainspring.schema.json');
resolveConfig(file)
  .then((config) => format(JSON.stringify(configJsonSchema()), { ...config, parser: 'json' }))
  .then((text) => writeFileSync(file, text));
