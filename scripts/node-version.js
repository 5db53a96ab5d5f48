// Required before everything else, and written so that an old Node can read it and say what is wrong.
var wanted = [20, 19];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'Error [NODE_TOO_OLD] Mainspring needs Node ' +
      wanted.join('.') +
      ' or newer; this is ' +
      process.version +
      '.\n' +
      'Try: nvm install, or https://nodejs.org',
  );
  process.exit(1);
}
