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
  /** Tells a receiver; answers how it was told, or throws why it could not be. */
  deliverAlert(delivery: AlertDelivery): Promise<string>;
  /** The spec that the inventory has now, signed; null when the server is not in it any more. */
  loadSpec(input: { name: string }): Promise<SignedSpec | null>;
  /** Ends the calls submitted up to `beforeMs` that still wait in the server's queue, as "did not run". */
  endQueuedCalls(input: { name: string; reason: string; beforeMs: number }): Promise<number>;
  /** Writes into the inventory what was installed for a server. */
  recordInstall(input: RecordInstallInput): Promise<InstallRecorded>;
  /** Signs a spec with another pin of its program, for a trial. */
  pinSpec(input: PinSpecInput): Promise<SignedSpec>;
  /** The lock of this digest, packed; null when it is not there, or too large. */
  lockText(input: { digest: string }): Promise<string | null>;
  /** Lets a server take the spec that the inventory has now, and waits until it has; throws why it could not. */
  reloadServer(input: { name: string; actor: string; correlationId?: string }): Promise<void>;
}

/** Activities for grants, on the queue of the control worker. */
export interface GrantActivities {
  /** Renews a grant that is not newer than `staleVersion`; null when there is none. Throws a retryable failure when nobody answers. */
  renewGrant(input: RenewGrantInput): Promise<GrantView | null>;
}

/** Activities on the queue of the hosts. */
export interface HostActivities {
  /** Owns a server for the life of a session; ends only when told to, or when the server fails for good. */
  runServer(input: SessionInput): Promise<void>;
  /** Installs the program of a spec on this host; heartbeats say what it is doing. */
  installProgram(input: InstallProgramInput): Promise<ProgramInstalled>;
  /** Tries a server out, beside the one that may run: a spec need not be in the inventory. */
  validateServer(input: { signed: SignedSpec }): Promise<ValidationReport>;
  /** The newest version of the program of a spec. */
  latestVersion(input: { signed: SignedSpec }): Promise<string>;
}

/** Activities on a host's own queue. */
export interface HostControlActivities {
  /** Lives as long as the host; its heartbeats are what `host list` shows (HostReport). To cancel it ends the host. */
  runHost(input: { hostId: string }): Promise<void>;
  /** Hands over everything that the host owns and takes nothing more; answers when nothing is left. */
  drainHost(input: DrainInput): Promise<HostReport>;
  /** Takes servers again after a drain. */
  resumeHost(input: { hostId: string }): Promise<HostReport>;
  /** Keeps a host that has fallen silent from getting servers by the polls that it has left open. */
  passOver(lost: LostHost): Promise<void>;
}

/** Activities on a server's own call queue. */
export interface CallActivities {
  callTool(input: CallInput): Promise<CallAnswer>;
  /** Any other request of a client that needs the server. */
  mcpRequest(input: RequestInput): Promise<RequestAnswer>;
}

/** Activities on a gateway's own queue. */
export interface GatewayActivities {
  /** Puts a request of a server to the client of the call, and waits for the answer; anybody may complete it by its id. */
  askClient(input: ClientInputRequest): Promise<InputResponse>;
}

export interface ApplyIsolationInput {
  generation: number;
  isolation: Isolation;
}

/** Activities on a server's own control queue, with slots of their own. */
export interface SessionActivities {
  /** Restarts the child with this spec while its queue stays open; answers when it is ready again. */
  replaceChild(input: ReplaceChildInput): Promise<SessionReady>;
  /** Whether what the child's spec refers to has other values than when it was started. */
  haveValuesChanged(input: { generation: number }): Promise<boolean>;
  /** From now on the owner goes by this; a version that is older than its own changes nothing. */
  applyIsolation(input: ApplyIsolationInput): Promise<void>;
  /** One round of health checks now, beside the routine. */
  checkHealth(input: { server: string }): Promise<HealthResult>;
}
