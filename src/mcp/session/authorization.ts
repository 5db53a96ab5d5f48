import { MainspringError } from '../../base/errors';

const UNAUTHORIZED = 401;

/** Where requests to a remote server get their access token from. Every method may throw a MainspringError. */
export interface Authorization {
  /** The header to send now; undefined while the server may need none. */
  current(): Promise<string | undefined>;
  /** Another header in place of one that the server has refused; undefined when its refusal is not about a login. */
  renewed(refused: string | undefined, challenge: string): Promise<string | undefined>;
  /** What it means that the renewed one was refused too. */
  useless(): MainspringError;
}

/** What came of a request with one header. */
export interface Answered {
  status: number;
  /** The header WWW-Authenticate. */
  challenge: string;
  /** Lets go of an answer that nobody will read. */
  discard(): Promise<void>;
}

/** Sends a request with its access token, and once more with a newer one when the server refuses that. */
export async function sendAuthorized<Answer extends Answered>(
  authorization: Authorization | undefined,
  send: (header: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  if (!authorization) return send(undefined);
  const header = await authorization.current();
  const first = await send(header);
  if (first.status !== UNAUTHORIZED) return first;
  const renewed = await authorization.renewed(header, first.challenge);
  if (renewed === undefined) return first;
  await first.discard();
  const second = await send(renewed);
  if (second.status !== UNAUTHORIZED) return second;
  await second.discard();
  throw authorization.useless();
}

/** Whether a server cannot be used before somebody has logged in. */
export function isLoginRequired(error: unknown): boolean {
  return error instanceof MainspringError && error.code === 'LOGIN_REQUIRED';
}
