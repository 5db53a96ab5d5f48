import { createHash } from 'node:crypto';
import { type ServerListing } from '../../../src/domain/endpoint/server-listing';
import { EVERYTHING, expose, exposeServer } from '../../../src/domain/endpoint/endpoint-content';
import { type ToolDefinition } from '../../../src/domain/catalogue/tools';
import {
  type CatalogueChange,
  type EndpointViews,
  type EndpointView,
} from '../../../src/gateway/endpoint/endpoint-view';
import { type Scope } from '../../../src/gateway/exchange';
import { unknownServer } from '../../../src/domain/servers/unknown-name-errors';
import { buildView } from '../../../src/gateway/endpoint/build-view';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TOOLS = ['echo', 'wait', 'progress', 'log', 'ask', 'fail'];

/** The endpoint of one server, `tiny`, which lists what a test says. */
export class TinyCatalogues implements EndpointViews {
  tools: ToolDefinition[] = TOOLS.map((name) => ({ name, inputSchema: { type: 'object' } }));
  prompts = [{ name: 'greeting' }];
  resources = [{ uri: 'test://one', name: 'one' }];
  readonly #listeners = new Set<(change: CatalogueChange) => void>();

  async view(scope: Scope): Promise<EndpointView> {
    if (scope.kind === 'server' && scope.name !== 'tiny') throw unknownServer(scope.name, ['tiny']);
    const listing: ServerListing = {
      ...{ server: 'tiny', tools: this.tools, blocked: new Set(), switchedOff: new Map() },
      offer: {
        ...{ server: 'tiny', serverInfo: {}, protocolVersion: '2025-11-25', era: 'legacy' },
        capabilities: { tools: {}, prompts: {}, resources: {}, logging: {}, completions: {} },
        ...{ prompts: this.prompts, resources: this.resources, templates: [] },
        ...{ offerHash: '', listedAtMs: 0 },
      },
      ...{ toolsVersion: '', offerVersion: '' },
    };
    if (scope.kind === 'server') {
      return buildView(exposeServer(listing), {
        ...{ searches: false, only: 'tiny', instructions: 'Be tiny.' },
      });
    }
    const exposure = expose([listing], EVERYTHING, sha256);
    return buildView(exposure, { searches: false, instructions: 'Be tiny.' });
  }

  onChange(listener: (change: CatalogueChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As when a list of the server has changed. */
  changed(...kinds: ('tools' | 'prompts' | 'resources')[]): void {
    const change = { kinds: new Set(kinds), servers: new Set(['tiny']) };
    for (const listener of this.#listeners) listener(change);
  }

  close(): void {
    this.#listeners.clear();
  }
}
