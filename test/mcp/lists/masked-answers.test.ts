import { maskedFacts, maskedLists, maskedRpcError } from '../../../src/mcp/lists/masked-answers';
import { createMask } from '../../../src/process/mask';

/** Values that JSON-RPC and MCP have in their own messages: whatever counts as a secret, messages must stay what they are. */
const mask = createMask([
  'planted-5d20f8',
  'description',
  'assistant',
  'text/markdown',
  '8080',
  'true',
]);

describe('what a server says of itself', () => {
  test('keeps its structure whatever its secrets are', () => {
    const facts = {
      serverInfo: { name: 'x planted-5d20f8', version: '8080', websiteUrl: 'http://h:8080/' },
      capabilities: {
        tools: { listChanged: true },
        experimental: { description: { port: 8080, mimeTypes: ['text/markdown'], say: 'true' } },
      },
      instructions: 'Use planted-5d20f8 on 8080.',
      protocolVersion: '2025-11-25',
      era: 'legacy' as const,
    };
    expect(maskedFacts(facts, mask)).toEqual({
      ...facts,
      serverInfo: { name: 'x ***', version: '***', websiteUrl: 'http://h:8080/' },
      capabilities: {
        tools: { listChanged: true },
        experimental: { description: { port: 8080, mimeTypes: ['text/markdown'], say: '***' } },
      },
      instructions: 'Use *** on ***.',
    });
  });
});

describe('what a server lists', () => {
  test('resources can be read by their URIs, and are described without secrets', () => {
    const annotations = { audience: ['assistant'], priority: 1, lastModified: '2025-01-01' };
    const resource = {
      uri: 'file:///planted-5d20f8/8080',
      name: 'of planted-5d20f8',
      title: 'planted-5d20f8',
      description: 'true: planted-5d20f8',
      mimeType: 'text/markdown',
      size: 8080,
      icons: [{ src: 'https://h/planted-5d20f8', sizes: ['8080'] }],
      annotations,
      _meta: { ui: { resourceUri: 'ui://planted-5d20f8' }, note: 'planted-5d20f8' },
    };
    const template = { uriTemplate: 'file:///planted-5d20f8/{name}', name: 'planted-5d20f8' };
    const { resources, templates } = maskedLists(
      { resources: [resource], templates: [template], prompts: [], flaws: [] },
      mask,
    );
    expect(resources).toEqual([
      {
        ...resource,
        name: 'of ***',
        title: '***',
        description: '***: ***',
        _meta: { ui: { resourceUri: 'ui://planted-5d20f8' }, note: '***' },
      },
    ]);
    expect(templates).toEqual([{ ...template, name: '***' }]);
  });

  test('prompts and their arguments keep the names that clients ask for them by', () => {
    const prompt = {
      name: 'description',
      description: 'planted-5d20f8',
      arguments: [{ name: 'planted-5d20f8', description: 'the description', required: true }],
    };
    expect(maskedLists({ prompts: [prompt], flaws: [] }, mask).prompts).toEqual([
      {
        name: 'description',
        description: '***',
        arguments: [{ name: 'planted-5d20f8', description: 'the ***', required: true }],
      },
    ]);
  });
});

describe('the error of a server', () => {
  test('is masked whole, and keeps its structure', () => {
    const data = {
      uri: 'file:///planted-5d20f8',
      description: [8080, true, null, 'planted-5d20f8'],
    };
    expect(maskedRpcError({ code: 8080, message: 'no planted-5d20f8', data }, mask)).toEqual({
      code: 8080,
      message: 'no ***',
      data: { uri: 'file:///***', description: [8080, true, null, '***'] },
    });
    expect(maskedRpcError({ code: 1, message: 'x' }, mask)).toEqual({ code: 1, message: 'x' });
  });

  test('keeps the URLs that a client has to open', () => {
    const asked = {
      mode: 'url',
      url: 'https://h/?s=planted-5d20f8',
      elicitationId: 'planted-5d20f8',
    };
    const elicitations = [{ ...asked, message: 'log in with planted-5d20f8' }];
    const error = { code: -32042, message: 'log in', data: { elicitations } };
    expect(maskedRpcError(error, mask).data).toEqual({
      elicitations: [{ ...asked, message: 'log in with ***' }],
    });
  });
});
