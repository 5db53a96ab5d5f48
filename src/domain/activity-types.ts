import { type AlertDelivery } from './alerts/alerts';
import { type InputResponse, type ClientInputRequest } from './calls/input-requests';
import { type ServerEvent } from './events';
import { type HealthResult } from './health/health';
import { type DrainInput, type HostReport, type LostHost } from './hosts/hosts';
import { type Isolation } from './isolation/isolation';
import { type ReplaceChildInput, type SessionInput, type SessionReady } from './entity/session';
import {
  type InstallProgramInput,
  type InstallRecorded,
  type PinSpecInput,
  type ProgramInstalled,
  type RecordInstallInput,
} from './programs/installs';
import { type GrantView, type RenewGrantInput } from './oauth/oauth';
import { type ValidationReport } from './servers/validation';
import { type CallAnswer, type CallInput } from './calls/calls';
import { type RequestAnswer, type RequestInput } from './calls/requests';
import { type SignedSpec } from './trust/signed-spec';

/** Activities on the queue of the control worker. */
export interface ControlActivities {
  /** Writes events to the store; writing one again changes nothing. */
  recordEvents(events: ServerEvent[]): Promise<void>;
  /** Delivers an alert to a receiver; returns how, or throws the reason of a failure. */
  deliverAlert(delivery: AlertDelivery): Promise<string>;
  /** Returns the current spec from the inventory, signed; null when the server is no longer in it. */
  loadSpec(input: { name: string }): Promise<SignedSpec | null>;
  /** Ends the calls submitted up to `beforeMs` that still wait in the server's queue, as "did not run". */
  endQueuedCalls(input: { name: string; reason: string; beforeMs: number }): Promise<number>;
  /** Records in the inventory what was installed for a server. */
  recordInstall(input: RecordInstallInput): Promise<InstallRecorded>;
  /** Signs a spec with another pin of its program, for a trial. */
  pinSpec(input: PinSpecInput): Promise<SignedSpec>;
  /** Returns the lock with this digest, packed; null when it is missing or too large. */
  lockText(input: { digest: string }): Promise<string | null>;
  /** Makes a server load its current spec from the inventory and waits for it; throws the reason of a failure. */
  reloadServer(input: { name: string; actor: string; correlationId?: string }): Promise<void>;
}

/** Activities for grants, on the queue of the control worker. */
export interface GrantActivities {
  /**
   * Renews a grant that is not newer than `staleVersion`; null when there is none. Throws a retryable failure when no
   * answer comes.
   */
  renewGrant(input: RenewGrantInput): Promise<GrantView | null>;
}

/** Activities on the queue of the hosts. */
export interface HostActivities {
  /** Owns a server for the life of a session; ends only on request, or when the server fails for good. */
  runServer(input: SessionInput): Promise<void>;
  /** Installs the program of a spec on this host; its heartbeats report the progress. */
  installProgram(input: InstallProgramInput): Promise<ProgramInstalled>;
  /** Tests a server beside any instance that runs; its spec need not be in the inventory. */
  validateServer(input: { signed: SignedSpec }): Promise<ValidationReport>;
  /** Returns the newest version of the program of a spec. */
  latestVersion(input: { signed: SignedSpec }): Promise<string>;
}

/** Activities on a host's own queue. */
export interface HostControlActivities {
  /** Lives as long as the host; its heartbeats hold what `host list` shows (HostReport). Cancelling it ends the host. */
  runHost(input: { hostId: string }): Promise<void>;
  /** Hands over everything that the host owns and takes nothing more; returns when nothing is left. */
  drainHost(input: DrainInput): Promise<HostReport>;
  /** Lets the host take servers again after a drain. */
  resumeHost(input: { hostId: string }): Promise<HostReport>;
  /** Keeps a silent host from getting servers through the polls that it has left open. */
  passOver(lost: LostHost): Promise<void>;
}

/** Activities on a server's own call queue. */
export interface CallActivities {
  callTool(input: CallInput): Promise<CallAnswer>;
  /** Sends any other request of a client that needs the server. */
  mcpRequest(input: RequestInput): Promise<RequestAnswer>;
}

/** Activities on a gateway's own queue. */
export interface GatewayActivities {
  /** Sends a request of a server to the client of the call, and waits for the response; any process may complete it by its ID. */
  askClient(input: ClientInputRequest): Promise<InputResponse>;
}

export interface ApplyIsolationInput {
  generation: number;
  isolation: Isolation;
}

/** Activities on a server's own control queue, with slots of their own. */
export interface SessionActivities {
  /** Restarts the child with this spec while its queue stays open; returns when it is ready again. */
  replaceChild(input: ReplaceChildInput): Promise<SessionReady>;
  /** Whether the values that the child's spec refers to have changed since it was started. */
  haveValuesChanged(input: { generation: number }): Promise<boolean>;
  /** Makes the owner apply this isolation; a version that is older than its own changes nothing. */
  applyIsolation(input: ApplyIsolationInput): Promise<void>;
  /** Runs one round of health checks now, outside of the schedule. */
  checkHealth(input: { server: string }): Promise<HealthResult>;
}
