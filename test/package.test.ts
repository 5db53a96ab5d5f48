import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');
const TYPES = path.join(ROOT, 'dist/src/index.d.ts');

/** What a program gets that imports this: the names, or the code of the error. */
function imported(specifier: string): unknown {
  const program = `
    import(process.argv[1]).then(
      (found) => console.log(JSON.stringify(Object.keys(found))),
      (error) => console.log(JSON.stringify(error.code)),
    );`;
  // A package finds itself by its own name, by the same rules as any other program does.
  return JSON.parse(
    execFileSync(process.execPath, ['-e', program, specifier], { cwd: ROOT, encoding: 'utf8' }),
  );
}

it('exports the client and the errors', () => {
  expect(imported('mainspring')).toEqual(
    expect.arrayContaining(['MainspringClient', 'MainspringError']),
  );
});

it.each(['dist/src/index.js', 'dist/src/client/internal.js', 'src/client/internal', 'dist/src'])(
  'refuses the import of mainspring/%s',
  (file) => {
    expect(imported(`mainspring/${file}`)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  },
);

describe('its types', () => {
  const program = publishedTypes();
  const members = membersOf(program);

  it('come without those of its parts', () => {
    const parts =
      /^(workflows|activities|src\/(store|temporal|gateway|mcp|process|programs|oauth|net|roles|cli|doctor|validation))\//;
    const internals =
      /^src\/client\/(internal|client-internals|context|host-sockets|listings|calls\/(durable|call-context|call-router|prepare-call|requests|input-requests)|servers\/(entities|snapshots|on-demand))\b/;
    const reached = program
      .getSourceFiles()
      .map(({ fileName }) => path.relative(path.join(ROOT, 'dist'), fileName))
      .filter((file) => !file.startsWith('..'));
    expect(reached).toContain('src/client/mainspring-client.d.ts');
    expect(reached.filter((file) => parts.test(file) || internals.test(file))).toEqual([]);
  });

  it('have nothing of the client but what is documented', () => {
    expect([...members.keys()].sort()).toEqual(
      [
        ...['alerts', 'calls', 'events', 'health', 'hosts', 'installs', 'logins', 'profiles'],
        ...['servers', 'tools', 'validation'],
        ...['callTool', 'callTools', 'close', 'onAlert', 'startCall'],
      ].sort(),
    );
  });

  it('have everything that docs/client.md names', () => {
    const documented = documentedNames();
    expect(documented.length).toBeGreaterThan(40);
    const isThere = (name: string) => {
      const [member = '', method] = name.split('.');
      return members.has(member) && (method === undefined || members.get(member)?.has(method));
    };
    expect(documented.filter((name) => !isThere(name))).toEqual([]);
  });
});

/** The types as they are published; those of other packages are left out. */
function publishedTypes(): ts.Program {
  const options = { noLib: true, types: [], skipLibCheck: true };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (names, file) =>
    names.map(({ text }) => {
      if (!text.startsWith('.')) return { resolvedModule: undefined };
      const resolvedFileName = path.join(path.dirname(file), `${text}.d.ts`);
      return { resolvedModule: { resolvedFileName, extension: ts.Extension.Dts } };
    });
  return ts.createProgram([TYPES], options, host);
}

/** The public members of the client, and theirs. */
function membersOf(program: ts.Program): Map<string, Set<string>> {
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(TYPES);
  const exports = checker.getExportsOfModule(symbolOf(checker, index));
  const alias = exports.find(({ name }) => name === 'MainspringClient');
  if (!alias) throw new Error('MainspringClient is not exported');
  const client = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(alias));
  return new Map(
    publicOf(client).map((member) => [
      member.name,
      new Set(publicOf(checker.getTypeOfSymbol(member)).map(({ name }) => name)),
    ]),
  );
}

function symbolOf(checker: ts.TypeChecker, file: ts.SourceFile | undefined): ts.Symbol {
  const symbol = file && checker.getSymbolAtLocation(file);
  if (!symbol) throw new Error(`${TYPES} is not there`);
  return symbol;
}

function publicOf(type: ts.Type): ts.Symbol[] {
  return type.getProperties().filter((property) => {
    const [declaration] = property.declarations ?? [];
    const isNamed = !property.name.startsWith('#'); // `#private` stands for all that are
    return declaration !== undefined && isNamed && !isPrivate(declaration);
  });
}

function isPrivate(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
}

/** `servers.add` and so on, from the tables. */
function documentedNames(): string[] {
  const page = readFileSync(path.join(ROOT, 'docs/client.md'), 'utf8');
  return [...page.matchAll(/^\| `(\w+\.\w+)\(/gm)].map(([, name = '']) => name);
}
