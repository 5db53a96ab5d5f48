import { type ErrorCode } from '../../base/errors';
import { isLoginRequired } from '../session/authorization';
import { type CallError } from './call-error';

/** What keeps a call from being sent, now and at every other attempt. */
export function hopelessCode({ cause }: CallError): ErrorCode {
  return isLoginRequired(cause) ? 'LOGIN_REQUIRED' : 'CONNECTION_FAILED';
}
