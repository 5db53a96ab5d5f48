// Bundles the workflow code once, so that no control worker has to do it at its start.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { bundleWorkflowCode } = require('@temporalio/worker');

const dist = path.join(__dirname, '..', 'dist');
const quiet = {
  trace() {},
  debug() {},
  info() {},
  warn: console.warn,
  error: console.error,
  log() {},
};

bundleWorkflowCode({
  workflowsPath: path.join(dist, 'workflows', 'index.js'),
  payloadConverterPath: path.join(dist, 'src', 'temporal', 'unsigned-converter.js'),
  workflowInterceptorModules: [path.join(dist, 'workflows', 'refuse-unsigned.js')],
  logger: quiet,
}).then(
  ({ code }) => writeFileSync(path.join(dist, 'workflow-bundle.js'), code),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
