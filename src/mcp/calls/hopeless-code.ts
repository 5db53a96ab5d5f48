import { type ErrorCode } from '../../base/errors';
import { isLoginRequired } from '../session/authorization';
import { type CallError } from './call-error';

/** Returns the code of an error that keeps a call from being sent, also on every retry. */
export function hopelessCode({ cause }: CallError): ErrorCode {
  return isLoginRequired(cause) ? 'LOGIN_REQUIRED' : 'CONNECTION_FAILED';
}
