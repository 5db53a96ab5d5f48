import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { MainspringError } from '../base/errors';
import { CONTROL_QUEUE, tokenWorkflowId } from '../domain/names';
import {
  type AuthSpec,
  type GrantKey,
  type GrantView,
  INSTANCE_PRINCIPAL,
} from '../domain/oauth/oauth';
import { type UrlSpec } from '../domain/spec';
import { type ServerStatus } from '../domain/servers/status';
import { readInventory } from '../inventory/inventory';
import { specOf } from '../inventory/normalise';
import { resolveReferences } from '../inventory/references/references';
import { lookUpVariables } from '../inventory/references/variables';
import { type Grant, viewOf } from '../oauth/grant';
import { type SealedGrants, openSealedGrants, principalDigest } from '../oauth/grant-storage';
import { createGuardedFetch } from '../oauth/guarded-fetch';
import { type LoginAttempt } from '../oauth/login-attempt';
import { mcpToken } from '../../workflows';
import { grantedSignal } from '../../workflows/oauth-token';
import { type ClientContext } from './context';
import { unknownServer } from '../domain/servers/unknown-name-errors';
import { type Servers } from './servers/servers';

const DEFAULT_TIMEOUT_MS = 5 * 60_000;

export interface LoginOptions {
  /** Called with the page on which the user allows the access. */
  onPage: (url: string) => void;
  /** Addresses that the user's browser was sent to, where it runs on another machine; those of other logins are ignored. */
  pasted?: AsyncIterable<string>;
  /** Called for a pasted line that is not the address that this login waits for. */
  onWrongPaste?: () => void;
  /** Longest wait for the user, in ms; default 5 minutes. */
  timeoutMs?: number;
  /** Scopes in place of those that the config or the server names. */
  scopes?: string[];
  /** Local callback port; default any free port. */
  port?: number;
  /** Cancels the login, which then throws COMMAND_INTERRUPTED. */
  signal?: AbortSignal;
}

export interface LoginResult {
  server: string;
  /** The authorization server. */
  issuer: string;
  scope: string | null;
  /** Expiry of the access token, which is renewed before, if possible. */
  expiresAtMs: number | null;
  renewable: boolean;
  status: ServerStatus;
}

export interface LogoutResult {
  server: string;
  /** Whether there was a login to forget. */
  wasLoggedIn: boolean;
  /** Whether the authorization server has revoked the tokens; otherwise they live until they expire. */
  revoked: boolean;
  status: ServerStatus;
}

/** Logs this instance in to remote servers, and out. Tokens go into the store, sealed, and nowhere else. */
export class Logins {
  readonly #grants: SealedGrants;

  /** @internal */
  constructor(
    private readonly context: ClientContext,
    private readonly servers: Servers,
  ) {
    this.#grants = openSealedGrants(context.store.grants, context.key);
  }

  /**
   * Lets the user of this machine allow access to a server (OAuth 2.1), and connects it anew.
   *
   * @throws MainspringError UNKNOWN_SERVER, WRONG_USAGE, LOGIN_FAILED, COMMAND_INTERRUPTED, or why the server does not start
   */
  async login(name: string, options: LoginOptions): Promise<LoginResult> {
    const key = { server: name, principal: INSTANCE_PRINCIPAL };
    const { url, auth } = await this.#targetOf(name);
    const known = (await this.#grants.get(key))?.grant;
    const grant = await obtainGrant({ ...options, url, auth, known });
    const version = await this.#grants.overwrite(key, grant);
    await this.#updateWorkflow(key, viewOf(version, grant));
    const status = await this.#reconnect(name);
    const { expiresAtMs = null, refresh } = grant.tokens;
    return {
      server: name,
      issuer: grant.authorizationServer.issuer,
      scope: grant.scope ?? null,
      expiresAtMs,
      renewable: refresh !== undefined,
      status,
    };
  }

  /** Ends the access to a server: revokes its tokens where that is supported, and forgets them. */
  async logout(name: string): Promise<LogoutResult> {
    const key = { server: name, principal: INSTANCE_PRINCIPAL };
    await this.servers.get(name); // UNKNOWN_SERVER
    const stored = await this.#grants.get(key);
    const wasLoggedIn = await this.#grants.remove(key);
    const { revokeGrant } = await import('../oauth/revoke.js');
    const revoked = stored !== undefined && (await revokeGrant(stored.grant));
    await this.#updateWorkflow(key, null);
    if (wasLoggedIn) {
      await this.#reconnect(name).catch((error: unknown) => {
        if (!(error instanceof MainspringError)) throw error;
      });
    }
    return { server: name, wasLoggedIn, revoked, status: await this.servers.get(name) };
  }

  /** Resolves only what a login needs: other variables of the server may be set where it runs, and not here. */
  async #targetOf(name: string): Promise<{ url: string; auth: AuthSpec }> {
    const { home } = this.context;
    const { servers } = await readInventory(home);
    const record = servers[name];
    if (!record) throw unknownServer(name, Object.keys(servers));
    const spec = specOf(name, record);
    if (spec.type === 'stdio' || spec.process) {
      throw new MainspringError('WRONG_USAGE', `"${name}" is a local program.`, {
        fix: 'Only remote servers (with a url and without a command) support login.',
      });
    }
    const wanted: UrlSpec = { ...spec, remote: { ...spec.remote, headers: {} } };
    const variables = await lookUpVariables(wanted, process.env, home);
    const { remote, auth = {} } = await resolveReferences(wanted, variables);
    return { url: remote?.url ?? spec.remote.url, auth };
  }

  /** Updates the workflow that renews the grant: it knows of the new one, or ends. */
  async #updateWorkflow(key: GrantKey, view: GrantView | null): Promise<void> {
    const { workflow } = this.context.client;
    const workflowId = tokenWorkflowId(key.server, principalDigest(key.principal));
    if (view) {
      await workflow.signalWithStart(mcpToken, {
        workflowId,
        taskQueue: CONTROL_QUEUE,
        args: [key],
        signal: grantedSignal,
        signalArgs: [view],
        staticSummary: `access to ${key.server}`,
      });
      return;
    }
    try {
      await workflow.getHandle(workflowId).signal(grantedSignal, null);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error; // it had nothing to renew
    }
  }

  /** Reconnects a server; one that was stopped on purpose, or sleeps, stays as it is. */
  async #reconnect(name: string): Promise<ServerStatus> {
    const status = await this.servers.get(name);
    if (status.state === 'ERROR') return this.servers.start(name);
    return status.possible.includes('restart') && status.state !== 'STOPPED'
      ? this.servers.restart(name)
      : status;
  }
}

interface Obtaining extends LoginOptions {
  url: string;
  auth: AuthSpec;
  known: Grant | undefined;
}

async function obtainGrant(options: Obtaining): Promise<Grant> {
  const { url, known, onPage, port, signal } = options;
  const auth = { ...options.auth, ...(options.scopes && { scopes: options.scopes }) };
  const [{ beginLogin }, { listenForRedirect }] = await Promise.all([
    import('../oauth/login-attempt.js'), // loads the MCP SDK
    import('../oauth/redirect-listener.js'),
  ]);
  const listener = await listenForRedirect({ fixed: port, preferred: portOf(known) });
  const guarded = await createGuardedFetch(new URL(url), { signal });
  try {
    const { redirectUri } = listener;
    const attempt = await beginLogin({ url, auth, previousGrant: known, redirectUri, guarded });
    const back = listener.redirected(attempt.isMine);
    onPage(attempt.authorizationUrl.href);
    return await attempt.finish(await untilAllowed(back, attempt, options));
  } catch (error) {
    throw signal?.aborted ? interrupted() : error;
  } finally {
    listener.close();
    await guarded.close();
  }
}

/** Resolves with the address that the user's browser was sent to. */
async function untilAllowed(
  back: Promise<URL>,
  attempt: LoginAttempt,
  { pasted, onWrongPaste, signal, timeoutMs = DEFAULT_TIMEOUT_MS }: LoginOptions,
): Promise<URL> {
  const over = new AbortController();
  const late = sleep(timeoutMs, undefined, {
    signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
  }).then(() => Promise.reject(tooLate(timeoutMs)));
  late.catch(() => undefined); // when something else finished first
  try {
    const ways = [back, late, ...(pasted ? [pastedUrl(pasted, attempt, onWrongPaste)] : [])];
    return await Promise.race(ways);
  } finally {
    over.abort();
  }
}

async function pastedUrl(
  lines: AsyncIterable<string>,
  { isMine }: LoginAttempt,
  onWrongPaste: (() => void) | undefined,
): Promise<URL> {
  for await (const line of lines) {
    const text = line.trim();
    if (text === '') continue;
    if (URL.canParse(text) && isMine(new URL(text))) return new URL(text);
    onWrongPaste?.();
  }
  return new Promise(() => undefined); // nothing more comes this way
}

function portOf(known: Grant | undefined): number | undefined {
  return known && Number(new URL(known.redirectUri).port);
}

function tooLate(timeoutMs: number): MainspringError {
  const message = `Access was not granted within ${Math.round(timeoutMs / 1_000)} s.`;
  return new MainspringError('LOGIN_FAILED', message);
}

function interrupted(): MainspringError {
  return new MainspringError('COMMAND_INTERRUPTED', 'The login was cancelled.', {
    fix: 'Nothing was changed. You can log in again at any time.',
  });
}
