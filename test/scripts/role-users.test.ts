interface RoleUsers {
  usersOf: (
    changed: ReadonlySet<string>,
    importsOf: (module: string) => readonly string[],
  ) => { roles: string[]; workflows: boolean };
}

const { usersOf } = jest.requireActual<RoleUsers>('../../scripts/role-users');

/** Module -> what it imports. */
const IMPORTS: Record<string, string[]> = {
  'src/cli/commands/list': ['src/base/errors'],
  'src/roles/up': ['src/roles/parts/parts'],
  'src/roles/worker': ['activities/control', 'src/base/errors'],
  'src/roles/host': ['activities/call', 'src/base/errors'],
  'src/roles/api': ['src/gateway/gateway', 'src/base/errors'],
  'activities/control': ['src/store/store'],
  'activities/call': ['activities/session', 'src/store/store'],
  'activities/session': ['activities/call'], // a cycle
  'workflows/index': ['src/domain/entity'],
};

const users = (...changed: string[]) =>
  usersOf(new Set(changed), (module: string) => IMPORTS[module] ?? []);

describe('the roles that a changed file restarts', () => {
  it.each([
    ['src/cli/commands/list', [], false],
    ['activities/control', ['worker'], false],
    ['activities/session', ['host'], false],
    ['src/gateway/gateway', ['api'], false],
    ['src/store/store', ['worker', 'host'], false],
    ['src/base/errors', ['worker', 'host', 'api'], false],
    ['src/domain/entity', ['worker'], true],
    ['src/roles/parts/parts', ['up'], false],
  ])('%s: %j', (changed, roles, workflows) => {
    expect(users(changed)).toEqual({ roles, workflows });
  });

  it('are those of all files that changed at once', () => {
    expect(users('activities/session', 'src/gateway/gateway').roles).toEqual(['host', 'api']);
  });
});
