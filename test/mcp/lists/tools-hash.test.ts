import { hashTools } from '../../../src/mcp/lists/tools-hash';

describe('hashTools', () => {
  const tool = { name: 'a', description: 'x', inputSchema: { type: 'object', title: 't' } };

  test('does not depend on the order of members', () => {
    const reordered = { inputSchema: { title: 't', type: 'object' }, description: 'x', name: 'a' };
    expect(hashTools([reordered])).toBe(hashTools([tool]));
  });

  test.each([
    ['a description', { ...tool, description: 'y' }],
    ['a schema', { ...tool, inputSchema: { type: 'object', title: 'u' } }],
    ['an annotation', { ...tool, annotations: { readOnlyHint: true } }],
    ['a member that no specification knows', { ...tool, vendor: 1 }],
  ])('changes with %s', (_title, changed) => {
    expect(hashTools([changed])).not.toBe(hashTools([tool]));
  });
});
