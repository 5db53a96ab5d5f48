import { MainspringError } from '../../base/errors';

const UNAUTHORIZED = 401;

/**
 * Source of access tokens for requests to a remote server. Every method may throw a
 * MainspringError.
 */
export interface Authorization {
  /** Returns the current header; undefined if the server may need none. */
  current(): Promise<string | undefined>;
  /**
   * Returns a new header after the server refused one; undefined if the refusal is not about a
   * login.
   */
  renewed(refused: string | undefined, challenge: string): Promise<string | undefined>;
  /** Returns the error of a renewed header that was refused too. */
  refusedAgain(): MainspringError;
}

/** Response to a request with one header. */
export interface AuthorizedResponse {
  status: number;
  /** Value of the header WWW-Authenticate. */
  challenge: string;
  /** Frees a response that will not be read. */
  discard(): Promise<void>;
}

/**
 * Sends a request with its access token, and once more with a new token if the server refuses it.
 */
export async function sendAuthorized<Answer extends AuthorizedResponse>(
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
  throw authorization.refusedAgain();
}

/** Whether the server needs a login before it can be used. */
export function isLoginRequired(error: unknown): boolean {
  return error instanceof MainspringError && error.code === 'LOGIN_REQUIRED';
}
