import { MainspringError } from '../../src/base/errors';
import { type ListedTools } from '../../src/domain/catalogue/tools';
import { type McpConnection } from '../../src/mcp/session/connection';
import { createMask } from '../../src/process/mask';
import { stdioSpec } from '../domain/samples';
import { type Launched } from '../../activities/server/supervised-server';
import { type JsonObject } from '../../src/base/json';

/** A child without a process: it ends when it is told to, or when the test lets it crash. */
export class FakeConnection implements McpConnection {
  readonly serverInfo = { name: 'fake', version: '1.0.0' };
  readonly protocolVersion = '2025-06-18';
  readonly era = 'legacy';
  readonly facts = {
    ...{ serverInfo: {}, capabilities: {}, protocolVersion: '2025-06-18', era: 'legacy' as const },
  };
  readonly closed: Promise<MainspringError>;
  exitStatus: McpConnection['exitStatus'];
  /** How it was ended, if it was. */
  end: 'closed' | 'killed' | 'crashed' | undefined;
  #end: (why: MainspringError) => void = () => undefined;

  constructor(readonly pid: number) {
    this.closed = new Promise((resolve) => (this.#end = resolve));
  }

  get isAlive(): boolean {
    return this.end === undefined;
  }

  crash(code = 7): void {
    this.exitStatus = { code, signal: null };
    this.#endAs('crashed', `it exited with code ${code}`);
  }

  async close(): Promise<void> {
    this.#endAs('closed', 'it was closed');
  }

  async kill(): Promise<void> {
    this.#endAs('killed', 'it was killed');
  }

  async listTools(): Promise<ListedTools> {
    return { tools: [], flaws: [] };
  }

  async callTool(): Promise<JsonObject> {
    return {};
  }

  async request(): Promise<JsonObject> {
    return {};
  }

  async ping(): Promise<number> {
    return 1;
  }

  async listResourcesAndPrompts() {
    return { resources: [], templates: [], prompts: [], flaws: [] };
  }

  onToolsChanged(): void {}

  onNotification(): void {}

  onRefused(): void {}

  setInterest(): void {}

  launched(): Launched {
    const catalogue = { server: 'fake', toolsHash: 'a hash', tools: [], listedAtMs: 0 };
    const spec = stdioSpec();
    return { connection: this, catalogue, mask: createMask([]), resolved: spec, values: '' };
  }

  #endAs(how: 'closed' | 'killed' | 'crashed', message: string): void {
    this.end ??= how;
    this.#end(new MainspringError('SERVER_EXITED', message));
  }
}
